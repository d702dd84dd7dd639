//! One serde visitor for everything in a JSON text: it is told what should
//! come next, writes that as wire bytes, and notes what comes instead.

use std::fmt;

use serde::{
    Deserialize,
    de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

use super::{
    dynamic,
    kind::Kind,
    parse::{Reader, Step},
    plan::{Field, Message, Plans, Shape, Special},
    text::{self, Wrong},
    wire::{close, open, put_nothing, try_nested},
};

/// What is read next.
#[derive(Clone, Copy)]
pub(super) enum What<'p> {
    /// The members of a message, without a tag in front.
    Object(&'p Message),
    /// One value of a field, tag and all.
    Value(&'p Field),
    /// All values of a list.
    List(&'p Field),
    /// All entries of a map.
    Map(&'p Field),
}

impl<'p> What<'p> {
    pub(super) fn of(field: &'p Field) -> Self {
        match field.shape {
            Shape::One => Self::Value(field),
            Shape::List => Self::List(field),
            Shape::Map => Self::Map(field),
        }
    }
}

/// Reads one thing.
pub(super) struct Expect<'r, 'p, 'o> {
    pub(super) what: What<'p>,
    pub(super) reader: &'r mut Reader<'p, 'o>,
}

impl<'de> DeserializeSeed<'de> for Expect<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        if let What::Value(field) = self.what {
            // These take JSON of any shape and say themselves what of it they do not want.
            match self.reader.plans.message_of(field).map(|message| message.special) {
                Some(Special::Struct | Special::Value | Special::ListValue) => return dynamic::parse(self.reader, field, json),
                Some(Special::Any) => return dynamic::parse_any(self.reader, field, json),
                _ => {}
            }
            if self.reader.has_text() && self.reader.plans.wrapped(field).unwrap_or(field).kind.is_number() {
                return self.numeral(json);
            }
        }
        json.deserialize_any(self)
    }
}

impl<'p> Expect<'_, 'p, '_> {
    /// Writes one value. That of a wrapper is its one field's.
    fn scalar(self, write: impl FnOnce(&Plans, &Field, &mut Vec<u8>) -> Result<(), Wrong>) {
        match self.what {
            What::Value(field) => {
                self.reader.set();
                let (plans, out) = (self.reader.plans, &mut *self.reader.out);
                let written = match plans.wrapped(field) {
                    Some(inner) => try_nested(out, field.number, |out| write(plans, inner, out)),
                    None => write(plans, field, out),
                };
                if let Err(wrong) = written {
                    self.reader.refuse(wrong);
                }
            }
            What::List(_) => self.reader.refuse("must be a list"),
            What::Object(_) | What::Map(_) => self.reader.refuse("must be an object"),
        }
    }

    /// Reads a number as it is written: serde_json would round it to a double before anybody could see that it is no whole number.
    fn numeral<'de, D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        let written = <&RawValue>::deserialize(json)?.get();
        if written.starts_with(|first: char| first == '-' || first.is_ascii_digit()) {
            self.scalar(|plans, field, out| text::number(plans, field, written, out));
            return Ok(());
        }
        serde_json::Deserializer::from_str(written)
            .deserialize_any(self)
            .map_err(D::Error::custom)
    }

    fn number(self, value: i128) {
        self.scalar(|plans, field, out| match field.kind {
            Kind::Message(_) => Err(expected(plans, field)),
            _ => text::integer(plans, field, value, out),
        });
    }

    fn members<'de, A: MapAccess<'de>>(self, message: &'p Message, mut map: A) -> Result<(), A::Error> {
        let reader = self.reader;
        let base = reader.seen.len();
        reader.seen.resize(base + message.fields.len(), false);
        let (mut hint, mut empty) = (0, true);
        while let Some(name) = map.next_key_seed(Name { message, hint })? {
            empty = false;
            let at = match name {
                Named::Known(at) => at,
                Named::Unknown(name) => {
                    reader.path.push(Step::Key(name));
                    reader.refuse("there is no such field");
                    reader.path.pop();
                    map.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            hint = at + 1;
            let field: &'p Field = &message.fields[at];
            if field.output_only {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            reader.path.push(Step::Field(field));
            let before = (reader.out.len(), reader.refused());
            let twice = std::mem::replace(&mut reader.seen[base + at], true);
            map.next_value_seed(Expect {
                what: What::of(field),
                reader: &mut *reader,
            })?;
            if twice {
                reader.refuse("is given twice");
            } else if reader.out.len() > before.0 && rival(message, field, &reader.seen[base..]) {
                reader.refuse("excludes another field that is given");
            }
            // A null sets nothing, so that it does not exclude its rivals.
            reader.seen[base + at] = reader.out.len() > before.0 || field.oneof.is_none();
            if field.oneof.is_some() {
                keep_place(field, reader, before);
            }
            reader.path.pop();
        }
        reader.seen.truncate(base);
        if empty {
            reader.set();
        }
        Ok(())
    }

    fn entries<'de, A: MapAccess<'de>>(self, field: &'p Field, mut map: A) -> Result<(), A::Error> {
        let reader = self.reader;
        reader.set();
        reader.lists += 1;
        let entry = reader.plans.message_of(field).map_or(&[][..], |entry| &entry.fields);
        let [key, value] = entry else {
            return Err(A::Error::custom("a map without entries"));
        };
        while let Some(name) = map.next_key::<String>()? {
            let open = open(reader.out, field.number);
            let written = text::write(reader.plans, key, &name, reader.out);
            reader.path.push(Step::Key(name));
            if let Err(wrong) = written {
                reader.refuse(format!("its key {wrong}"));
            }
            element(value, reader, |seed| map.next_value_seed(seed).map(|()| true))?;
            reader.path.pop();
            close(reader.out, open);
        }
        reader.lists -= 1;
        Ok(())
    }
}

/// An element of a list or the value of a map's entry, which may not be null. Whether there was one.
fn element<'p, 'o, E>(
    field: &'p Field,
    reader: &mut Reader<'p, 'o>,
    read: impl FnOnce(Expect<'_, 'p, 'o>) -> Result<bool, E>,
) -> Result<bool, E> {
    let before = (reader.out.len(), reader.refused());
    let read = read(Expect {
        what: What::Value(field),
        reader: &mut *reader,
    })?;
    if read && before == (reader.out.len(), reader.refused()) {
        reader.refuse("must not be null");
    }
    keep_place(field, reader, before);
    Ok(read)
}

/// What was refused since then leaves nothing in its place, so that the next elements of its list keep their numbers, and its oneof is set.
fn keep_place(field: &Field, reader: &mut Reader<'_, '_>, (written, refused): (usize, usize)) {
    if reader.out.len() == written && reader.refused() > refused {
        put_nothing(reader.out, field.number, field.kind.wire());
    }
}

/// Whether another member of the field's oneof was given.
fn rival(message: &Message, field: &Field, seen: &[bool]) -> bool {
    field.oneof.is_some()
        && std::iter::zip(&message.fields, seen).any(|(other, seen)| *seen && other.oneof == field.oneof && other.number != field.number)
}

impl<'de> Visitor<'de> for Expect<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.scalar(|plans, field, out| match field.kind {
            Kind::Bool => {
                text::boolean(out, field, value);
                Ok(())
            }
            _ => Err(expected(plans, field)),
        });
        Ok(())
    }

    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        self.number(i128::from(value));
        Ok(())
    }

    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        self.number(i128::from(value));
        Ok(())
    }

    fn visit_f64<E>(self, value: f64) -> Result<(), E> {
        self.scalar(|plans, field, out| match field.kind {
            Kind::Double | Kind::Float => text::float(out, field, value),
            // It may have been rounded, and what the client wrote is not known any more.
            kind if kind.is_number() => Err("must be written in digits alone, or as a string".into()),
            _ => Err(expected(plans, field)),
        });
        Ok(())
    }

    fn visit_str<E>(self, value: &str) -> Result<(), E> {
        self.scalar(|plans, field, out| match field.kind {
            // A path or a query may write flags as text, JSON may not.
            Kind::Bool => Err(expected(plans, field)),
            _ => text::write(plans, field, value, out),
        });
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        match self.what {
            What::Object(_) => self.reader.refuse("must be an object"),
            What::Value(_) | What::List(_) | What::Map(_) => self.reader.set(),
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let What::List(field) = self.what else {
            let wrong = match self.what {
                What::Value(field) => expected(self.reader.plans, field),
                What::Object(_) | What::List(_) | What::Map(_) => "must be an object".into(),
            };
            self.reader.refuse(wrong);
            while list.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(());
        };
        self.reader.set();
        self.reader.lists += 1;
        for index in 0.. {
            self.reader.path.push(Step::Index(index));
            let more = element(field, self.reader, |seed| Ok(list.next_element_seed(seed)?.is_some()))?;
            self.reader.path.pop();
            if !more {
                break;
            }
        }
        self.reader.lists -= 1;
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let message = match self.what {
            What::Object(message) => return self.members(message, map),
            What::Map(field) => return self.entries(field, map),
            What::Value(field) => self
                .reader
                .plans
                .message_of(field)
                .filter(|message| message.special == Special::Plain)
                .map(|message| (field, message)),
            What::List(_) => None,
        };
        let Some((field, message)) = message else {
            let wrong = match self.what {
                What::Value(field) => expected(self.reader.plans, field),
                What::Object(_) | What::List(_) | What::Map(_) => "must be a list".into(),
            };
            self.reader.refuse(wrong);
            while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            return Ok(());
        };
        let open = open(self.reader.out, field.number);
        Expect {
            what: self.what,
            reader: &mut *self.reader,
        }
        .members(message, map)?;
        close(self.reader.out, open);
        Ok(())
    }
}

/// What a field's value must be.
fn expected(plans: &Plans, field: &Field) -> Wrong {
    match field.kind {
        Kind::Bool => "must be true or false".into(),
        Kind::String | Kind::Bytes => "must be a string".into(),
        Kind::Enum(_) => "must be one of its names".into(),
        Kind::Message(id) => match plans.message(id).special {
            Special::Timestamp | Special::Duration | Special::FieldMask => "must be a string".into(),
            Special::ListValue => "must be a list".into(),
            Special::Wrapper => plans
                .wrapped(field)
                .map_or("must be a value".into(), |inner| expected(plans, inner)),
            Special::Plain | Special::Struct | Special::Value | Special::Any => "must be an object".into(),
        },
        _ => "must be a number".into(),
    }
}

/// Reads the name of a member without copying it.
struct Name<'p> {
    message: &'p Message,
    hint: usize,
}

enum Named {
    Known(usize),
    Unknown(String),
}

impl<'de> DeserializeSeed<'de> for Name<'_> {
    type Value = Named;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Named, D::Error> {
        json.deserialize_str(self)
    }
}

impl Visitor<'_> for Name<'_> {
    type Value = Named;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a field name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Named, E> {
        Ok(match self.message.field(name, self.hint) {
            Some((at, _)) => Named::Known(at),
            None => Named::Unknown(name.to_owned()),
        })
    }
}
