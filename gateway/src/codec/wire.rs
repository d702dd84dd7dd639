//! The protobuf wire format: reading tags and values in order, writing them one after the other.

/// Bytes that are no message of the expected kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a well-formed message")]
pub(crate) struct Malformed;

/// How a value lies on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wire {
    Varint = 0,
    Fixed64 = 1,
    Bytes = 2,
    Fixed32 = 5,
}

/// A field's number and how its value lies on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tag {
    pub(crate) number: u32,
    pub(crate) wire: Wire,
}

/// Reads a message from its front.
#[derive(Clone, Copy)]
pub(crate) struct Cursor<'a> {
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(wire: &'a [u8]) -> Self {
        Self { rest: wire }
    }

    /// What has not been read.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next tag; nothing at the end of the message.
    pub(crate) fn tag(&mut self) -> Result<Option<Tag>, Malformed> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let key = self.varint()?;
        let wire = match key & 7 {
            0 => Wire::Varint,
            1 => Wire::Fixed64,
            2 => Wire::Bytes,
            5 => Wire::Fixed32,
            _ => return Err(Malformed),
        };
        let number = u32::try_from(key >> 3).map_err(|_| Malformed)?;
        if number == 0 {
            Err(Malformed)
        } else {
            Ok(Some(Tag { number, wire }))
        }
    }

    pub(crate) fn varint(&mut self) -> Result<u64, Malformed> {
        let (&first, rest) = self.rest.split_first().ok_or(Malformed)?;
        if first < 0x80 {
            self.rest = rest;
            return Ok(u64::from(first));
        }
        let mut value = 0;
        for (index, &byte) in self.rest.iter().take(10).enumerate() {
            value |= u64::from(byte & 0x7f) << (7 * index);
            if byte < 0x80 {
                self.rest = &self.rest[index + 1..];
                return Ok(value);
            }
        }
        Err(Malformed)
    }

    pub(crate) fn fixed32(&mut self) -> Result<[u8; 4], Malformed> {
        let (bytes, rest) = self.rest.split_first_chunk().ok_or(Malformed)?;
        self.rest = rest;
        Ok(*bytes)
    }

    pub(crate) fn fixed64(&mut self) -> Result<[u8; 8], Malformed> {
        let (bytes, rest) = self.rest.split_first_chunk().ok_or(Malformed)?;
        self.rest = rest;
        Ok(*bytes)
    }

    /// A value that is preceded by its length.
    pub(crate) fn bytes(&mut self) -> Result<&'a [u8], Malformed> {
        let length = usize::try_from(self.varint()?).map_err(|_| Malformed)?;
        let (bytes, rest) = self.rest.split_at_checked(length).ok_or(Malformed)?;
        self.rest = rest;
        Ok(bytes)
    }

    /// Passes over a value.
    pub(crate) fn skip(&mut self, wire: Wire) -> Result<(), Malformed> {
        match wire {
            Wire::Varint => self.varint().map(drop),
            Wire::Fixed64 => self.fixed64().map(drop),
            Wire::Bytes => self.bytes().map(drop),
            Wire::Fixed32 => self.fixed32().map(drop),
        }
    }
}

/// The last value of a field of texts, bytes or messages; nothing when it is absent.
pub(crate) fn last_bytes(wire: &[u8], number: u32) -> Result<Option<&[u8]>, Malformed> {
    let mut found = None;
    let mut cursor = Cursor::new(wire);
    while let Some(tag) = cursor.tag()? {
        if tag.number == number && tag.wire == Wire::Bytes {
            found = Some(cursor.bytes()?);
        } else {
            cursor.skip(tag.wire)?;
        }
    }
    Ok(found)
}

pub(crate) fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    out.push(value.to_le_bytes()[0]);
}

pub(crate) fn put_tag(out: &mut Vec<u8>, number: u32, wire: Wire) {
    put_varint(out, u64::from(number) << 3 | wire as u64);
}

/// A whole field that holds nothing: 0, or no bytes.
pub(crate) fn put_nothing(out: &mut Vec<u8>, number: u32, wire: Wire) {
    put_tag(out, number, wire);
    let zeros = match wire {
        // The length of no bytes is a 0, too.
        Wire::Varint | Wire::Bytes => 1,
        Wire::Fixed32 => 4,
        Wire::Fixed64 => 8,
    };
    out.resize(out.len() + zeros, 0);
}

/// A whole field of bytes, text or an encoded message.
pub(crate) fn put_bytes(out: &mut Vec<u8>, number: u32, bytes: &[u8]) {
    put_tag(out, number, Wire::Bytes);
    put_varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// A whole field whose value is written by `fill`; its length, which stands in front, is filled in afterwards.
pub(crate) fn nested<R>(out: &mut Vec<u8>, number: u32, fill: impl FnOnce(&mut Vec<u8>) -> R) -> R {
    let open = open(out, number);
    let result = fill(out);
    close(out, open);
    result
}

/// As [`nested`], for values that cannot always be written; nothing is, then.
pub(crate) fn try_nested<E>(out: &mut Vec<u8>, number: u32, fill: impl FnOnce(&mut Vec<u8>) -> Result<(), E>) -> Result<(), E> {
    let start = out.len();
    nested(out, number, fill).inspect_err(|_| out.truncate(start))
}

/// Begins a field of unknown length, to be ended by [`close`].
pub(crate) fn open(out: &mut Vec<u8>, number: u32) -> usize {
    put_tag(out, number, Wire::Bytes);
    out.push(0);
    out.len()
}

/// Ends a field that [`open`] began: nearly always one byte of length is enough, and otherwise the value moves up.
pub(crate) fn close(out: &mut Vec<u8>, open: usize) {
    let length = out.len() - open;
    if let Ok(short @ 0..0x80) = u8::try_from(length) {
        out[open - 1] = short;
        return;
    }
    let mut prefix = Vec::with_capacity(10);
    put_varint(&mut prefix, length as u64);
    let more = prefix.len() - 1;
    out.resize(out.len() + more, 0);
    out.copy_within(open..open + length, open + more);
    out[open - 1..open + more].copy_from_slice(&prefix);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_fields_of_any_length_read_back() {
        for length in [0, 1, 127, 128, 16_383, 16_384, 70_000] {
            let mut out = vec![1, 2, 3];
            nested(&mut out, 7, |out| out.extend(std::iter::repeat_n(9, length)));
            let mut cursor = Cursor::new(&out[3..]);
            assert_eq!(
                cursor.tag(),
                Ok(Some(Tag {
                    number: 7,
                    wire: Wire::Bytes
                }))
            );
            assert_eq!(cursor.bytes().unwrap(), vec![9; length]);
            assert!(cursor.is_empty());
        }
    }

    #[test]
    fn varints_read_back_and_endless_ones_are_malformed() {
        for value in [0, 1, 127, 128, 300, u64::from(u32::MAX), u64::MAX] {
            let mut out = Vec::new();
            put_varint(&mut out, value);
            assert_eq!(Cursor::new(&out).varint(), Ok(value));
        }
        assert_eq!(Cursor::new(&[0xff; 11]).varint(), Err(Malformed));
        assert_eq!(Cursor::new(&[0x80]).varint(), Err(Malformed));
        assert_eq!(Cursor::new(&[5, 1]).bytes(), Err(Malformed));
        assert_eq!(Cursor::new(&[0x07]).tag(), Err(Malformed));
    }
}
