//! How single values look in JSON.

use serde::Serialize;

use super::kind::Kind;

/// Numbers that JSON shows as strings, because they do not fit a double.
pub(super) fn long(kind: Kind) -> bool {
    matches!(kind, Kind::Int64 | Kind::Uint64 | Kind::Sint64 | Kind::Fixed64 | Kind::Sfixed64)
}

pub(super) fn unzigzag(value: u64) -> i64 {
    (value >> 1).cast_signed() ^ -(value & 1).cast_signed()
}

pub(super) fn json<T: Serialize + ?Sized>(out: &mut Vec<u8>, value: &T) {
    serde_json::to_writer(out, value).expect("numbers, flags and texts are JSON, and a vector takes what is written");
}

pub(super) fn quoted<T: Serialize>(out: &mut Vec<u8>, value: &T) {
    out.push(b'"');
    json(out, value);
    out.push(b'"');
}

pub(super) fn float(out: &mut Vec<u8>, value: f64) {
    if value.is_finite() {
        json(out, &value);
    } else {
        out.extend_from_slice(unbounded(value.is_nan(), value > 0.0));
    }
}

pub(super) fn float32(out: &mut Vec<u8>, value: f32) {
    if value.is_finite() {
        json(out, &value);
    } else {
        out.extend_from_slice(unbounded(value.is_nan(), value > 0.0));
    }
}

fn unbounded(nan: bool, positive: bool) -> &'static [u8] {
    match (nan, positive) {
        (true, _) => b"\"NaN\"",
        (false, true) => b"\"Infinity\"",
        (false, false) => b"\"-Infinity\"",
    }
}
