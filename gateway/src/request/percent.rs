//! Percent-encoding (RFC 3986, section 2.1) in paths and queries.

use std::borrow::Cow;

/// The text of one segment of a path.
pub(crate) fn segment(text: &str) -> Option<Cow<'_, str>> {
    decode(text, |_| true, false)
}

/// The text of several segments: an encoded slash stays encoded, so that it is not taken for one between segments.
pub(crate) fn segments(text: &str) -> Option<Cow<'_, str>> {
    decode(text, |byte| byte != b'/', false)
}

/// The text of a name or value in a query, where a plus is a space.
pub(crate) fn query(text: &str) -> Option<Cow<'_, str>> {
    decode(text, |_| true, true)
}

fn decode(text: &str, decodes: impl Fn(u8) -> bool, plus: bool) -> Option<Cow<'_, str>> {
    if !text.bytes().any(|byte| byte == b'%' || (plus && byte == b'+')) {
        return Some(Cow::Borrowed(text));
    }
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        match first {
            b'%' => {
                let (digits, after) = after.split_first_chunk::<2>()?;
                let byte = u8::try_from(hex(digits[0])? * 16 + hex(digits[1])?).ok()?;
                if decodes(byte) {
                    decoded.push(byte);
                    rest = after;
                } else {
                    decoded.push(first);
                }
            }
            b'+' if plus => decoded.push(b' '),
            other => decoded.push(other),
        }
    }
    String::from_utf8(decoded).ok().map(Cow::Owned)
}

fn hex(digit: u8) -> Option<u32> {
    char::from(digit).to_digit(16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_encoded_is_decoded_where_it_may_be() {
        assert_eq!(segment("a%2Fb%20+").as_deref(), Some("a/b +"));
        assert_eq!(segments("a%2Fb%20/c").as_deref(), Some("a%2Fb /c"));
        assert_eq!(query("a+%2B%C3%A9").as_deref(), Some("a +é"));
        for bad in ["%", "%2", "%zz", "%ff"] {
            assert_eq!(segment(bad), None, "{bad}");
        }
    }
}
