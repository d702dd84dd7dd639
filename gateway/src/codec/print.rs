//! From wire bytes to JSON, in one pass.
//!
//! Writers put fields in ascending order and the values of a list together, so a message is walked along its plan. One that is not in order
//! is legal all the same: it is put in order first.

use base64::{Engine, prelude::BASE64_STANDARD};

use super::{
    dynamic,
    kind::{Kind, MessageId},
    normal,
    numbers::{float, float32, json, long, quoted, unzigzag},
    plan::{Field, Message, Plans, Shape, Special},
    special,
    wire::{Cursor, Malformed, Tag, Wire},
};

/// Deeper messages than this are refused, as other implementations do.
const DEPTH: usize = 100;

impl Plans {
    /// Writes a message as JSON.
    ///
    /// # Errors
    /// [`Malformed`] for bytes that are no such message; `out` then ends anywhere.
    pub(crate) fn print(&self, message: MessageId, wire: &[u8], out: &mut Vec<u8>) -> Result<(), Malformed> {
        Printer { plans: self, depth: 0 }.message(self.message(message), wire, out)
    }

    /// Writes the value of one field of a message as JSON: what `response_body` names.
    pub(crate) fn print_field(&self, message: MessageId, field: &Field, wire: &[u8], out: &mut Vec<u8>) -> Result<(), Malformed> {
        let ordered = normal::ordered(self.message(message), wire)?;
        let mut cursor = Cursor::new(&ordered);
        let printer = Printer { plans: self, depth: 0 };
        while let Some(tag) = cursor.tag()? {
            if tag.number == field.number {
                printer.field(field, tag, &mut cursor, out)?;
                return Ok(());
            }
            cursor.skip(tag.wire)?;
        }
        printer.absent(field, out);
        Ok(())
    }
}

/// Writes JSON at some depth of a message.
#[derive(Clone, Copy)]
pub(super) struct Printer<'p> {
    pub(super) plans: &'p Plans,
    depth: usize,
}

/// Why one pass did not do.
enum Stop {
    Disorder,
    Malformed,
}

impl From<Malformed> for Stop {
    fn from(_: Malformed) -> Self {
        Self::Malformed
    }
}

impl Printer<'_> {
    pub(super) fn message(self, message: &Message, wire: &[u8], out: &mut Vec<u8>) -> Result<(), Malformed> {
        let inner = self.deeper()?;
        match message.special {
            Special::Plain => {
                out.push(b'{');
                inner.members(message, wire, out)?;
                end(out, b'}');
                Ok(())
            }
            Special::Timestamp => special::print_timestamp(wire, out),
            Special::Duration => special::print_duration(wire, out),
            Special::FieldMask => special::print_mask(wire, out),
            Special::Wrapper => inner.wrapper(message, wire, out),
            Special::Struct => dynamic::print_struct(inner, wire, out),
            Special::Value => dynamic::print_value(inner, wire, out),
            Special::ListValue => dynamic::print_list(inner, wire, out),
            Special::Any => dynamic::print_any(inner, wire, out),
        }
    }

    /// One level down, if that is not too deep.
    pub(super) fn deeper(self) -> Result<Self, Malformed> {
        if self.depth == DEPTH {
            Err(Malformed)
        } else {
            Ok(Self {
                depth: self.depth + 1,
                ..self
            })
        }
    }

    /// The members of an object, each followed by a comma.
    pub(super) fn members(self, message: &Message, wire: &[u8], out: &mut Vec<u8>) -> Result<(), Malformed> {
        let start = out.len();
        match self.in_order(message, wire, out) {
            Ok(()) => Ok(()),
            Err(Stop::Malformed) => Err(Malformed),
            Err(Stop::Disorder) => {
                out.truncate(start);
                let ordered = normal::ordered(message, wire)?;
                self.in_order(message, &ordered, out).map_err(|_| Malformed)
            }
        }
    }

    fn in_order(self, message: &Message, wire: &[u8], out: &mut Vec<u8>) -> Result<(), Stop> {
        let mut cursor = Cursor::new(wire);
        let mut tag = cursor.tag()?;
        let mut oneofs = 0_u64;
        for field in &message.fields {
            while let Some(unknown) = tag.filter(|tag| tag.number < field.number) {
                tag = pass(message, unknown, &mut cursor)?;
            }
            let Some(present) = tag.filter(|tag| tag.number == field.number) else {
                if !field.presence && !field.input_only {
                    out.extend_from_slice(&field.key);
                    self.absent(field, out);
                    out.push(b',');
                }
                continue;
            };
            if let Some(oneof) = field.oneof {
                let bit = 1_u64.checked_shl(u32::from(oneof)).unwrap_or_default();
                if oneofs & bit != 0 {
                    return Err(Stop::Disorder);
                }
                oneofs |= bit;
            }
            let start = out.len();
            out.extend_from_slice(&field.key);
            tag = self.field(field, present, &mut cursor, out)?;
            out.push(b',');
            if field.input_only {
                out.truncate(start);
            }
            if field.shape == Shape::One && tag.is_some_and(|tag| tag.number == field.number) {
                return Err(Stop::Disorder);
            }
        }
        while let Some(unknown) = tag {
            tag = pass(message, unknown, &mut cursor)?;
        }
        Ok(())
    }

    /// All values of a field that lie together, and the tag behind them.
    fn field<'a>(self, field: &Field, first: Tag, cursor: &mut Cursor<'a>, out: &mut Vec<u8>) -> Result<Option<Tag>, Malformed> {
        if field.shape == Shape::One {
            if first.wire != field.wire() {
                return Err(Malformed);
            }
            self.value(field, cursor, out)?;
            return cursor.tag();
        }
        let (opening, closing) = if field.shape == Shape::Map { (b'{', b'}') } else { (b'[', b']') };
        out.push(opening);
        let mut tag = Some(first);
        while let Some(Tag { wire, .. }) = tag.filter(|tag| tag.number == field.number) {
            if field.shape == Shape::Map {
                self.entry(field, cursor.bytes()?, out)?;
            } else if wire == field.wire() {
                self.value(field, cursor, out)?;
                out.push(b',');
            } else if wire == Wire::Bytes {
                let mut packed = Cursor::new(cursor.bytes()?);
                while !packed.is_empty() {
                    self.value(field, &mut packed, out)?;
                    out.push(b',');
                }
            } else {
                return Err(Malformed);
            }
            tag = cursor.tag()?;
        }
        end(out, closing);
        Ok(tag)
    }

    /// One entry of a map; its key and its value may each be absent, which means their defaults.
    fn entry(self, field: &Field, wire: &[u8], out: &mut Vec<u8>) -> Result<(), Malformed> {
        let entry = self.plans.message_of(field).ok_or(Malformed)?;
        let [key, value] = entry.fields.as_slice() else {
            return Err(Malformed);
        };
        let ordered = normal::ordered(entry, wire)?;
        let mut cursor = Cursor::new(&ordered);
        let mut tag = cursor.tag()?;
        let quoted = key.kind == Kind::String || long(key.kind);
        if !quoted {
            out.push(b'"');
        }
        if tag.is_some_and(|tag| tag.number == 1 && tag.wire == key.wire()) {
            self.value(key, &mut cursor, out)?;
            tag = cursor.tag()?;
        } else {
            self.default(key, out);
        }
        if !quoted {
            out.push(b'"');
        }
        out.push(b':');
        if tag.is_some_and(|tag| tag.number == 2 && tag.wire == value.wire()) {
            self.value(value, &mut cursor, out)?;
        } else if let Some(message) = self.plans.message_of(value) {
            self.message(message, &[], out)?;
        } else {
            self.default(value, out);
        }
        out.push(b',');
        Ok(())
    }

    fn wrapper(self, message: &Message, wire: &[u8], out: &mut Vec<u8>) -> Result<(), Malformed> {
        let ordered = normal::ordered(message, wire)?;
        let mut cursor = Cursor::new(&ordered);
        let field = message.fields.first().ok_or(Malformed)?;
        match cursor.tag()? {
            Some(tag) if tag.number == field.number && tag.wire == field.wire() => self.value(field, &mut cursor, out),
            _ => {
                self.default(field, out);
                Ok(())
            }
        }
    }

    /// One value, whose tag has been read.
    fn value(self, field: &Field, cursor: &mut Cursor<'_>, out: &mut Vec<u8>) -> Result<(), Malformed> {
        match field.kind {
            Kind::Double => float(out, f64::from_le_bytes(cursor.fixed64()?)),
            Kind::Float => float32(out, f32::from_le_bytes(cursor.fixed32()?)),
            // Negative numbers are sign-extended to ten bytes, so the lower half holds all of an int32.
            Kind::Int32 => json(out, &(cursor.varint()? as i32)),
            Kind::Int64 => quoted(out, &(cursor.varint()?.cast_signed())),
            Kind::Uint32 => json(out, &(cursor.varint()? as u32)),
            Kind::Uint64 => quoted(out, &cursor.varint()?),
            Kind::Sint32 => json(out, &(unzigzag(u64::from(cursor.varint()? as u32)) as i32)),
            Kind::Sint64 => quoted(out, &unzigzag(cursor.varint()?)),
            Kind::Fixed32 => json(out, &u32::from_le_bytes(cursor.fixed32()?)),
            Kind::Fixed64 => quoted(out, &u64::from_le_bytes(cursor.fixed64()?)),
            Kind::Sfixed32 => json(out, &i32::from_le_bytes(cursor.fixed32()?)),
            Kind::Sfixed64 => quoted(out, &i64::from_le_bytes(cursor.fixed64()?)),
            Kind::Bool => json(out, &(cursor.varint()? != 0)),
            Kind::String => json(out, std::str::from_utf8(cursor.bytes()?).map_err(|_| Malformed)?),
            Kind::Bytes => {
                out.push(b'"');
                let encoded = BASE64_STANDARD.encode(cursor.bytes()?);
                out.extend_from_slice(encoded.as_bytes());
                out.push(b'"');
            }
            Kind::Enum(id) => {
                let (number, enumeration) = (cursor.varint()? as i32, self.plans.enumeration(id));
                match enumeration.name(number) {
                    Some(_) if enumeration.null => out.extend_from_slice(b"null"),
                    Some(name) => json(out, name),
                    None => json(out, &number),
                }
            }
            Kind::Message(id) => self.message(self.plans.message(id), cursor.bytes()?, out)?,
        }
        Ok(())
    }

    /// A field that is not there.
    fn absent(self, field: &Field, out: &mut Vec<u8>) {
        match field.shape {
            Shape::One if field.presence => out.extend_from_slice(b"null"),
            Shape::One => self.default(field, out),
            Shape::List => out.extend_from_slice(b"[]"),
            Shape::Map => out.extend_from_slice(b"{}"),
        }
    }

    fn default(self, field: &Field, out: &mut Vec<u8>) {
        match field.kind {
            Kind::String | Kind::Bytes => out.extend_from_slice(b"\"\""),
            Kind::Bool => out.extend_from_slice(b"false"),
            Kind::Double | Kind::Float => out.extend_from_slice(b"0.0"),
            kind if long(kind) => out.extend_from_slice(b"\"0\""),
            Kind::Enum(id) => match self.plans.enumeration(id).name(0) {
                Some(_) if self.plans.enumeration(id).null => out.extend_from_slice(b"null"),
                Some(name) => json(out, name),
                None => out.push(b'0'),
            },
            Kind::Message(_) => out.extend_from_slice(b"null"),
            _ => out.push(b'0'),
        }
    }
}

/// Passes over an unknown field, or finds out that it is a known one in the wrong place.
fn pass(message: &Message, tag: Tag, cursor: &mut Cursor<'_>) -> Result<Option<Tag>, Stop> {
    if message.numbered(tag.number).is_some() {
        return Err(Stop::Disorder);
    }
    cursor.skip(tag.wire)?;
    Ok(cursor.tag()?)
}

/// Ends an object or a list, over the comma of its last member if it has one.
pub(super) fn end(out: &mut Vec<u8>, closing: u8) {
    match out.last_mut() {
        Some(last) if *last == b',' => *last = closing,
        _ => out.push(closing),
    }
}
