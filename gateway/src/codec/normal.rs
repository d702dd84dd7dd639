//! Messages in order: fields ascending, each single field once, at most one member of a oneof.
//!
//! The wire format lets a writer scatter and repeat fields: the last scalar wins, the parts of a single message merge, and lists go on.
//! This puts that into the form in which nearly every message comes anyway.

use std::borrow::Cow;

use super::{
    kind::Kind,
    plan::{Field, Message, Shape},
    wire::{Cursor, Malformed, put_bytes, put_tag},
};

/// The same message with its fields in order; unknown fields are dropped. A message in order is not copied.
pub(super) fn ordered<'a>(message: &Message, wire: &'a [u8]) -> Result<Cow<'a, [u8]>, Malformed> {
    let (found, strangers) = find(message, wire)?;
    let in_order = found.windows(2).all(|pair| match pair {
        [one, next] if one.field.number == next.field.number => one.field.shape != Shape::One,
        [one, next] => one.field.number < next.field.number,
        _ => true,
    });
    if in_order && !strangers && !found.iter().any(|one| overruled(&found, one.field)) {
        return Ok(Cow::Borrowed(wire));
    }
    let mut out = Vec::with_capacity(wire.len());
    for field in &message.fields {
        let values: Vec<_> = found.iter().filter(|one| one.field.number == field.number).collect();
        let Some(last) = values.last().filter(|_| !overruled(&found, field)) else {
            continue;
        };
        match (field.shape, field.kind) {
            (Shape::One, Kind::Message(_)) => {
                let mut merged = Vec::new();
                for one in &values {
                    merged.extend_from_slice(Cursor::new(one.value).bytes()?);
                }
                put_bytes(&mut out, field.number, &merged);
            }
            (Shape::One, _) => last.put(&mut out),
            (Shape::List | Shape::Map, _) => values.iter().for_each(|one| one.put(&mut out)),
        }
    }
    Ok(Cow::Owned(out))
}

/// One value of a field, with its length in front if it has one.
struct Found<'m, 'a> {
    field: &'m Field,
    wire: super::Wire,
    value: &'a [u8],
}

impl Found<'_, '_> {
    fn put(&self, out: &mut Vec<u8>) {
        put_tag(out, self.field.number, self.wire);
        out.extend_from_slice(self.value);
    }
}

/// All known values as they come, and whether there are unknown ones.
fn find<'m, 'a>(message: &'m Message, wire: &'a [u8]) -> Result<(Vec<Found<'m, 'a>>, bool), Malformed> {
    let (mut found, mut strangers) = (Vec::new(), false);
    let mut cursor = Cursor::new(wire);
    while let Some(tag) = cursor.tag()? {
        let before = cursor.rest();
        cursor.skip(tag.wire)?;
        if let Some(field) = message.numbered(tag.number) {
            if field.shape == Shape::One && tag.wire != field.wire() {
                return Err(Malformed);
            }
            let value = &before[..before.len() - cursor.rest().len()];
            found.push(Found {
                field,
                wire: tag.wire,
                value,
            });
        } else {
            strangers = true;
        }
    }
    Ok((found, strangers))
}

/// Whether another member of the field's oneof came later.
fn overruled(found: &[Found<'_, '_>], field: &Field) -> bool {
    field.oneof.is_some()
        && found
            .iter()
            .rev()
            .find(|one| one.field.oneof == field.oneof)
            .is_some_and(|last| last.field.number != field.number)
}
