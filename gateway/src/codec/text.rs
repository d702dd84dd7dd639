//! From the text of one value, in a path, a query, a header or a JSON string, to its field on the wire.

use std::borrow::Cow;

use base64::{
    Engine,
    alphabet::{STANDARD, URL_SAFE},
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

use super::{
    kind::Kind,
    plan::{Field, Plans, Special},
    special,
    wire::{nested, put_bytes, put_tag, put_varint},
};

/// What is wrong with a value, such as `must be a whole number`.
pub(crate) type Wrong = Cow<'static, str>;

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const BASE64: GeneralPurpose = GeneralPurpose::new(&STANDARD, LENIENT);
const BASE64_URL: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, LENIENT);

/// Writes a whole field, tag and value.
///
/// # Errors
/// What is wrong with the text; nothing is written then.
pub(crate) fn write(plans: &Plans, field: &Field, text: &str, out: &mut Vec<u8>) -> Result<(), Wrong> {
    let number = field.number;
    match field.kind {
        Kind::String => put_bytes(out, number, text.as_bytes()),
        Kind::Bytes => put_bytes(out, number, &bytes(text)?),
        Kind::Bool => match text {
            "true" => varint(out, field, 1),
            "false" => varint(out, field, 0),
            _ => return Err("must be true or false".into()),
        },
        Kind::Enum(id) => {
            let known = plans.enumeration(id);
            let value = known.number(text).or_else(|| text.parse().ok());
            let value = value.ok_or_else(|| format!("{text:?} is none of the names that this may have"))?;
            varint(out, field, i64::from(value).cast_unsigned());
        }
        Kind::Double | Kind::Float => float(out, field, real(text)?)?,
        Kind::Message(id) => {
            let message = plans.message(id);
            match message.special {
                Special::Wrapper => {
                    let inner = message.fields.first().ok_or("has no value")?;
                    let mut value = Vec::new();
                    write(plans, inner, text, &mut value)?;
                    put_bytes(out, number, &value);
                }
                Special::Timestamp => try_nested(out, number, |out| special::parse_timestamp(text, out))?,
                Special::Duration => try_nested(out, number, |out| special::parse_duration(text, out))?,
                Special::FieldMask => nested(out, number, |out| special::parse_mask(text, out)),
                Special::Plain | Special::Struct | Special::Value | Special::ListValue | Special::Any => {
                    return Err("must be an object".into());
                }
            }
        }
        _ => match text.parse::<i128>() {
            Ok(value) => integer(out, field, value)?,
            // "1e3" and "5.0" are whole numbers too.
            Err(_) => whole(out, field, real(text)?)?,
        },
    }
    Ok(())
}

/// Writes a whole number, if it fits the field.
pub(super) fn integer(out: &mut Vec<u8>, field: &Field, value: i128) -> Result<(), Wrong> {
    match field.kind {
        Kind::Int32 => varint(out, field, i64::from(fit::<i32>(value)?).cast_unsigned()),
        Kind::Int64 => varint(out, field, fit::<i64>(value)?.cast_unsigned()),
        Kind::Uint32 => varint(out, field, u64::from(fit::<u32>(value)?)),
        Kind::Uint64 => varint(out, field, fit(value)?),
        Kind::Sint32 => varint(out, field, zigzag(i64::from(fit::<i32>(value)?))),
        Kind::Sint64 => varint(out, field, zigzag(fit(value)?)),
        Kind::Fixed32 => fixed(out, field, &fit::<u32>(value)?.to_le_bytes()),
        Kind::Fixed64 => fixed(out, field, &fit::<u64>(value)?.to_le_bytes()),
        Kind::Sfixed32 => fixed(out, field, &fit::<i32>(value)?.to_le_bytes()),
        Kind::Sfixed64 => fixed(out, field, &fit::<i64>(value)?.to_le_bytes()),
        Kind::Double | Kind::Float => float(out, field, value as f64)?,
        Kind::Enum(_) => varint(out, field, i64::from(fit::<i32>(value)?).cast_unsigned()),
        Kind::Bool => return Err("must be true or false".into()),
        Kind::String | Kind::Bytes => return Err("must be a string".into()),
        Kind::Message(_) => return Err("must be an object".into()),
    }
    Ok(())
}

/// Writes a number that JSON has a point or an exponent in.
pub(super) fn whole(out: &mut Vec<u8>, field: &Field, value: f64) -> Result<(), Wrong> {
    match field.kind {
        Kind::Double | Kind::Float => float(out, field, value),
        // Beyond 2^64 nothing fits, and below it the cast is exact.
        _ if value.fract() == 0.0 && value.abs() < 1.9e19 => integer(out, field, value as i128),
        Kind::Bool | Kind::String | Kind::Bytes | Kind::Message(_) => integer(out, field, 0),
        _ => Err("must be a whole number".into()),
    }
}

pub(super) fn boolean(out: &mut Vec<u8>, field: &Field, value: bool) {
    varint(out, field, u64::from(value));
}

fn float(out: &mut Vec<u8>, field: &Field, value: f64) -> Result<(), Wrong> {
    if field.kind == Kind::Double {
        fixed(out, field, &value.to_le_bytes());
    } else if value.is_finite() && value.abs() > f64::from(f32::MAX) {
        return Err("is too large".into());
    } else {
        fixed(out, field, &(value as f32).to_le_bytes());
    }
    Ok(())
}

fn real(text: &str) -> Result<f64, Wrong> {
    match text {
        "NaN" => Ok(f64::NAN),
        "Infinity" => Ok(f64::INFINITY),
        "-Infinity" => Ok(f64::NEG_INFINITY),
        // Rust's own spellings of infinity are not JSON's.
        text if text
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E')) =>
        {
            let value: f64 = text.parse().map_err(|_| "must be a number")?;
            if value.is_finite() { Ok(value) } else { Err("is too large".into()) }
        }
        _ => Err("must be a number".into()),
    }
}

fn bytes(text: &str) -> Result<Vec<u8>, Wrong> {
    let engine = if text.contains(['-', '_']) { BASE64_URL } else { BASE64 };
    engine.decode(text).map_err(|_| "must be base64".into())
}

fn varint(out: &mut Vec<u8>, field: &Field, value: u64) {
    put_tag(out, field.number, field.wire());
    put_varint(out, value);
}

fn fixed(out: &mut Vec<u8>, field: &Field, value: &[u8]) {
    put_tag(out, field.number, field.wire());
    out.extend_from_slice(value);
}

fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)).cast_unsigned()
}

fn fit<N: TryFrom<i128>>(value: i128) -> Result<N, Wrong> {
    N::try_from(value).map_err(|_| format!("{value} does not fit {} bits", size_of::<N>() * 8).into())
}

fn try_nested(out: &mut Vec<u8>, number: u32, fill: impl FnOnce(&mut Vec<u8>) -> Result<(), &'static str>) -> Result<(), Wrong> {
    let start = out.len();
    nested(out, number, fill).map_err(|wrong| {
        out.truncate(start);
        Wrong::from(wrong)
    })
}
