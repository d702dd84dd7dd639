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
    wire::{nested, put_bytes, put_tag, put_varint, try_nested},
};

/// What is wrong with a value, such as `must be a whole number`.
pub(crate) type Wrong = Cow<'static, str>;

/// So much is repeated of a text of the client's, in bytes. A name may be as long as a body, and be a part of the paths of many fields.
const REPEATED: usize = 200;

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const BASE64: GeneralPurpose = GeneralPurpose::new(&STANDARD, LENIENT);
const BASE64_URL: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, LENIENT);

/// The beginning of a text of the client's, by which they know it again.
pub(super) fn shortened(text: &str) -> &str {
    &text[..text.floor_char_boundary(REPEATED)]
}

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
            let value = known
                .number(text)
                .or_else(|| text.parse().ok().filter(|number| known.name(*number).is_some()));
            let value = value.ok_or_else(|| format!("{:?} is none of the names that this may have", shortened(text)))?;
            varint(out, field, i64::from(value).cast_unsigned());
        }
        Kind::Double | Kind::Float => float(out, field, real(text)?)?,
        Kind::Message(id) => {
            let message = plans.message(id);
            match message.special {
                Special::Wrapper => {
                    let inner = message.fields.first().ok_or("has no value")?;
                    try_nested(out, number, |out| write(plans, inner, text, out))?;
                }
                Special::Timestamp => try_nested(out, number, |out| special::parse_timestamp(text, out))?,
                Special::Duration => try_nested(out, number, |out| special::parse_duration(text, out))?,
                Special::FieldMask => nested(out, number, |out| special::parse_mask(text, out)),
                Special::Plain | Special::Struct | Special::Value | Special::ListValue | Special::Any => {
                    return Err("must be an object".into());
                }
            }
        }
        _ => integer(plans, field, digits(text)?, out)?,
    }
    Ok(())
}

/// Writes the number that a JSON text holds.
///
/// # Errors
/// What is wrong with it: nothing is rounded to what the field can hold but a double or float.
pub(super) fn number(plans: &Plans, field: &Field, text: &str, out: &mut Vec<u8>) -> Result<(), Wrong> {
    match field.kind {
        Kind::Double | Kind::Float => float(out, field, real(text)?),
        _ => integer(plans, field, digits(text)?, out),
    }
}

/// Writes a whole number, if it fits the field.
pub(super) fn integer(plans: &Plans, field: &Field, value: i128, out: &mut Vec<u8>) -> Result<(), Wrong> {
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
        // A number that no name stands for says as little as a name that nobody knows.
        Kind::Enum(id) => {
            let known = i32::try_from(value)
                .ok()
                .filter(|number| plans.enumeration(id).name(*number).is_some());
            let known = known.ok_or_else(|| format!("{value} is none of the values that this may have"))?;
            varint(out, field, i64::from(known).cast_unsigned());
        }
        Kind::Bool => return Err("must be true or false".into()),
        Kind::String | Kind::Bytes => return Err("must be a string".into()),
        Kind::Message(_) => return Err("must be an object".into()),
    }
    Ok(())
}

/// The whole number that a text writes, which may have a point or an exponent like any number of JSON: "1e3" and "5.0" are whole. Its
/// digits are looked at and never a float, which would round them.
fn digits(text: &str) -> Result<i128, Wrong> {
    const NO_NUMBER: Wrong = Cow::Borrowed("must be a number");
    let (negative, unsigned) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let unsigned_exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
    if [whole, fraction, unsigned_exponent]
        .iter()
        .any(|part| part.is_empty() || !part.bytes().all(|byte| byte.is_ascii_digit()))
    {
        return Err(NO_NUMBER);
    }
    let all = [whole, fraction].concat();
    let significant = all.trim_start_matches('0').trim_end_matches('0');
    if significant.is_empty() {
        return Ok(0);
    }
    // An exponent beyond these is further away than a body has digits.
    let far = if exponent.starts_with('-') { i64::MIN / 2 } else { i64::MAX / 2 };
    let exponent = exponent
        .parse::<i64>()
        .map_or(far, |exponent| exponent.clamp(i64::MIN / 2, i64::MAX / 2));
    let zeros = all.len() - all.trim_end_matches('0').len();
    let zeros = exponent + zeros as i64 - fraction.len() as i64;
    let zeros = u32::try_from(zeros).map_err(|_| if zeros < 0 { "must be a whole number" } else { "is too large" })?;
    let value = 10_i128
        .checked_pow(zeros)
        .and_then(|factor| significant.parse::<i128>().ok()?.checked_mul(factor))
        .ok_or("is too large")?;
    Ok(if negative { -value } else { value })
}

pub(super) fn boolean(out: &mut Vec<u8>, field: &Field, value: bool) {
    varint(out, field, u64::from(value));
}

pub(super) fn float(out: &mut Vec<u8>, field: &Field, value: f64) -> Result<(), Wrong> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_number_is_read_to_its_last_digit() {
        for (text, value) in [
            ("0", 0),
            ("-0.000", 0),
            ("0e99", 0),
            ("0.0e-99999999999999999999", 0),
            ("1e3", 1_000),
            ("1.5E+1", 15),
            ("1200e-2", 12),
            ("9007199254740993.0", 9_007_199_254_740_993),
            ("-9.223372036854775808e18", i128::from(i64::MIN)),
        ] {
            assert_eq!(digits(text), Ok(value), "{text}");
        }
        for text in [
            "0.99999999999999999999",
            "1.00000000000000000001",
            "1e-1",
            "15e-1",
            "1e-999999999999",
            "-1e-99999999999999999999",
        ] {
            assert_eq!(digits(text), Err("must be a whole number".into()), "{text}");
        }
        for text in ["1e40", "9e2147483647", "1e99999999999", "1e+99999999999999999999"] {
            assert_eq!(digits(text), Err("is too large".into()), "{text}");
        }
        for text in [
            "", " 1", "1 ", "+1", "--1", "1.", ".5", "1e", "1e+", "1e1.0", "0x10", "1_000", "NaN", "٣", "１",
        ] {
            assert_eq!(digits(text), Err("must be a number".into()), "{text}");
        }
    }
}
