//! google.protobuf.Struct, Value, ListValue and Any: messages whose shape is known only when they come.

use std::borrow::Cow;

use serde::{
    Deserialize,
    de::{Deserializer, Error},
};
use serde_json::Value;

use super::{
    numbers::{float, json},
    parse::Reader,
    plan::{Field, Special},
    print::{Printer, end},
    text::shortened,
    wire::{Cursor, Malformed, Wire, close, nested, open, put_bytes, put_tag, put_varint},
};

/// What the type URL of an Any begins with.
const TYPES: &str = "type.googleapis.com/";

pub(super) fn print_struct(printer: Printer<'_>, wire: &[u8], out: &mut Vec<u8>) -> Result<(), Malformed> {
    let mut cursor = Cursor::new(wire);
    out.push(b'{');
    while let Some(tag) = cursor.tag()? {
        if tag.number != 1 || tag.wire != Wire::Bytes {
            cursor.skip(tag.wire)?;
            continue;
        }
        let (mut key, mut value) = (&[][..], &[][..]);
        let mut entry = Cursor::new(cursor.bytes()?);
        while let Some(tag) = entry.tag()? {
            match (tag.number, tag.wire) {
                (1, Wire::Bytes) => key = entry.bytes()?,
                (2, Wire::Bytes) => value = entry.bytes()?,
                _ => entry.skip(tag.wire)?,
            }
        }
        json(out, text(key)?);
        out.push(b':');
        print_value(printer, value, out)?;
        out.push(b',');
    }
    end(out, b'}');
    Ok(())
}

pub(super) fn print_list(printer: Printer<'_>, wire: &[u8], out: &mut Vec<u8>) -> Result<(), Malformed> {
    let mut cursor = Cursor::new(wire);
    out.push(b'[');
    while let Some(tag) = cursor.tag()? {
        if tag.number == 1 && tag.wire == Wire::Bytes {
            print_value(printer, cursor.bytes()?, out)?;
            out.push(b',');
        } else {
            cursor.skip(tag.wire)?;
        }
    }
    end(out, b']');
    Ok(())
}

pub(super) fn print_value(printer: Printer<'_>, wire: &[u8], out: &mut Vec<u8>) -> Result<(), Malformed> {
    let printer = printer.deeper()?;
    let (mut last, mut content) = (0, Cow::Borrowed(&[][..]));
    let mut cursor = Cursor::new(wire);
    while let Some(tag) = cursor.tag()? {
        let value = match tag.wire {
            Wire::Bytes => cursor.bytes()?,
            Wire::Varint | Wire::Fixed64 | Wire::Fixed32 => {
                let before = cursor.rest();
                cursor.skip(tag.wire)?;
                &before[..before.len() - cursor.rest().len()]
            }
        };
        // Of several kinds the last one counts; the parts of one object or list go together.
        match tag.number {
            5 | 6 if tag.number == last => content.to_mut().extend_from_slice(value),
            _ => content = Cow::Borrowed(value),
        }
        last = tag.number;
    }
    let mut scalar = Cursor::new(&content);
    match last {
        0 | 1 => out.extend_from_slice(b"null"),
        2 => float(out, f64::from_le_bytes(scalar.fixed64()?)),
        3 => json(out, text(&content)?),
        4 => json(out, &(scalar.varint()? != 0)),
        5 => print_struct(printer, &content, out)?,
        6 => print_list(printer, &content, out)?,
        _ => return Err(Malformed),
    }
    Ok(())
}

/// An object of the type's URL and the message's own members; messages that are no objects stand under `value`.
pub(super) fn print_any(printer: Printer<'_>, wire: &[u8], out: &mut Vec<u8>) -> Result<(), Malformed> {
    let (mut url, mut value) = (&[][..], &[][..]);
    let mut cursor = Cursor::new(wire);
    while let Some(tag) = cursor.tag()? {
        match (tag.number, tag.wire) {
            (1, Wire::Bytes) => url = cursor.bytes()?,
            (2, Wire::Bytes) => value = cursor.bytes()?,
            _ => cursor.skip(tag.wire)?,
        }
    }
    let url = text(url)?;
    out.push(b'{');
    if !url.is_empty() {
        let name = url.rsplit('/').next().unwrap_or_default();
        let message = printer.plans.message(printer.plans.find(name).ok_or(Malformed)?);
        out.extend_from_slice(b"\"@type\":");
        json(out, url);
        out.push(b',');
        if message.special == Special::Plain {
            printer.members(message, value, out)?;
        } else {
            out.extend_from_slice(b"\"value\":");
            printer.message(message, value, out)?;
        }
    }
    end(out, b'}');
    Ok(())
}

/// Reads any JSON as a field of one of the three dynamic kinds.
pub(super) fn parse<'de, D: Deserializer<'de>>(reader: &mut Reader<'_, '_>, field: &Field, json: D) -> Result<(), D::Error> {
    let value = Value::deserialize(json)?;
    reader.set();
    let special = reader.plans.message_of(field).map(|message| message.special);
    match (special, &value) {
        (Some(Special::Value), _) => nested(reader.out, field.number, |out| put_value(out, &value)),
        (_, Value::Null) => {}
        (Some(Special::Struct), Value::Object(members)) => nested(reader.out, field.number, |out| put_members(out, members)),
        (Some(Special::ListValue), Value::Array(values)) => nested(reader.out, field.number, |out| put_values(out, values)),
        (Some(Special::ListValue), _) => reader.refuse("must be a list"),
        _ => reader.refuse("must be an object"),
    }
    Ok(())
}

/// Reads an object as an Any of the type that its `@type` names.
pub(super) fn parse_any<'de, D: Deserializer<'de>>(reader: &mut Reader<'_, '_>, field: &Field, json: D) -> Result<(), D::Error> {
    let mut value = match Value::deserialize(json)? {
        Value::Object(value) => value,
        Value::Null => return Ok(()),
        _ => {
            reader.refuse("must be an object");
            return Ok(());
        }
    };
    reader.set();
    let named = value.remove("@type");
    let Some(Value::String(url)) = named else {
        if named.is_none() && value.is_empty() {
            put_bytes(reader.out, field.number, &[]);
        } else {
            reader.refuse("must name its @type");
        }
        return Ok(());
    };
    let Some(id) = url.strip_prefix(TYPES).and_then(|name| reader.plans.find(name)) else {
        reader.refuse(format!("there is no type {}", shortened(&url)));
        return Ok(());
    };
    let any = open(reader.out, field.number);
    put_bytes(reader.out, 1, url.as_bytes());
    let inner = open(reader.out, 2);
    let content = match reader.plans.message(id).special {
        Special::Plain => Value::Object(value),
        _ => value.remove("value").unwrap_or_default(),
    };
    reader.content(id, content).map_err(D::Error::custom)?;
    close(reader.out, inner);
    close(reader.out, any);
    Ok(())
}

fn put_members(out: &mut Vec<u8>, members: &serde_json::Map<String, Value>) {
    for (key, value) in members {
        nested(out, 1, |out| {
            put_bytes(out, 1, key.as_bytes());
            nested(out, 2, |out| put_value(out, value));
        });
    }
}

fn put_values(out: &mut Vec<u8>, values: &[Value]) {
    for value in values {
        nested(out, 1, |out| put_value(out, value));
    }
}

fn put_value(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Null => {
            put_tag(out, 1, Wire::Varint);
            put_varint(out, 0);
        }
        Value::Number(number) => {
            put_tag(out, 2, Wire::Fixed64);
            out.extend_from_slice(&number.as_f64().unwrap_or(f64::NAN).to_le_bytes());
        }
        Value::String(text) => put_bytes(out, 3, text.as_bytes()),
        Value::Bool(flag) => {
            put_tag(out, 4, Wire::Varint);
            put_varint(out, u64::from(*flag));
        }
        Value::Object(members) => nested(out, 5, |out| put_members(out, members)),
        Value::Array(values) => nested(out, 6, |out| put_values(out, values)),
    }
}

fn text(bytes: &[u8]) -> Result<&str, Malformed> {
    std::str::from_utf8(bytes).map_err(|_| Malformed)
}
