//! Which REQUIRED fields (AIP-203) a message lacks.
//!
//! Texts, bytes, lists, maps and enums are missing when they are empty or unspecified; numbers and flags only when
//! they were not sent at all, because 0 and false say something. What is required in a nested message is required
//! where the message is there, unless the field that holds it is OPTIONAL.

use std::borrow::Cow;

use super::{
    kind::Kind,
    parse::MOST,
    plan::{Field, Message, Plans, Shape},
    wire::{Cursor, Malformed, Wire},
};

/// The paths of missing fields, as JSON writes them: all of them, or as many as are ever named. What lies below the field numbered `except`
/// is not asked for, because a change under a field mask is no whole resource.
pub(crate) fn missing(plans: &Plans, message: &Message, wire: &[u8], except: Option<u32>) -> Result<Vec<String>, Malformed> {
    let mut found = Vec::new();
    if message.demands {
        Search { plans, found: &mut found }.message(message, wire, "", except)?;
    }
    Ok(found)
}

struct Search<'s> {
    plans: &'s Plans,
    found: &'s mut Vec<String>,
}

impl Search<'_> {
    fn message(&mut self, message: &Message, wire: &[u8], place: &str, except: Option<u32>) -> Result<(), Malformed> {
        for field in &message.fields {
            if self.enough() {
                break;
            }
            let inner = self
                .plans
                .message_of(field)
                .filter(|inner| inner.demands && !field.optional && except != Some(field.number));
            if !field.required && inner.is_none() {
                continue;
            }
            let values = values(field, wire)?;
            if field.required && values.iter().all(|value| empty(field, value)) {
                self.found.push(format!("{place}{}", field.json));
            }
            let Some(inner) = inner else { continue };
            match field.shape {
                Shape::One if values.is_empty() => {}
                Shape::One => self.message(inner, &merged(&values), &format!("{place}{}.", field.json), None)?,
                Shape::List | Shape::Map => {
                    for (index, value) in values.iter().enumerate() {
                        if self.enough() {
                            break;
                        }
                        self.message(inner, value, &format!("{place}{}[{index}].", field.json), None)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn enough(&self) -> bool {
        self.found.len() >= MOST
    }
}

/// Everything that the message holds of a field, without lengths in front.
fn values<'a>(field: &Field, wire: &'a [u8]) -> Result<Vec<&'a [u8]>, Malformed> {
    let mut values = Vec::new();
    let mut cursor = Cursor::new(wire);
    while let Some(tag) = cursor.tag()? {
        if tag.number != field.number {
            cursor.skip(tag.wire)?;
        } else if tag.wire == Wire::Bytes {
            values.push(cursor.bytes()?);
        } else {
            let before = cursor.rest();
            cursor.skip(tag.wire)?;
            values.push(&before[..before.len() - cursor.rest().len()]);
        }
    }
    Ok(values)
}

fn empty(field: &Field, value: &[u8]) -> bool {
    match (field.shape, field.kind) {
        (Shape::One, Kind::String | Kind::Bytes) => value.is_empty(),
        (Shape::One, Kind::Enum(_)) => value == [0],
        _ => false,
    }
}

/// The parts of one message make one message, one after the other.
fn merged<'a>(parts: &[&'a [u8]]) -> Cow<'a, [u8]> {
    match parts {
        [one] => Cow::Borrowed(one),
        parts => Cow::Owned(parts.concat()),
    }
}
