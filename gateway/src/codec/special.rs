//! Timestamps, durations and field masks: messages that JSON shows as texts.

use super::{
    numbers::json,
    wire::{Cursor, Malformed, Wire, put_bytes, put_tag, put_varint},
};

const DAY: i64 = 86_400;
/// 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z, the ends of what a timestamp may be.
const TIMESTAMPS: std::ops::RangeInclusive<i64> = -62_135_596_800..=253_402_300_799;
/// About ten thousand years.
const LONGEST: i64 = 315_576_000_000;

/// RFC 3339 in UTC, with 0, 3, 6 or 9 digits of a second.
pub(super) fn print_timestamp(wire: &[u8], out: &mut Vec<u8>) -> Result<(), Malformed> {
    let (seconds, nanos) = seconds_and_nanos(wire)?;
    if !TIMESTAMPS.contains(&seconds) || !(0..1_000_000_000).contains(&nanos) {
        return Err(Malformed);
    }
    let (year, month, day) = date(seconds.div_euclid(DAY));
    let time = seconds.rem_euclid(DAY);
    out.push(b'"');
    digits(out, year, 4);
    out.push(b'-');
    digits(out, month, 2);
    out.push(b'-');
    digits(out, day, 2);
    out.push(b'T');
    digits(out, time / 3_600, 2);
    out.push(b':');
    digits(out, time / 60 % 60, 2);
    out.push(b':');
    digits(out, time % 60, 2);
    fraction(out, nanos);
    out.extend_from_slice(b"Z\"");
    Ok(())
}

/// Seconds with 0, 3, 6 or 9 digits behind the point, and an `s`.
pub(super) fn print_duration(wire: &[u8], out: &mut Vec<u8>) -> Result<(), Malformed> {
    let (seconds, nanos) = seconds_and_nanos(wire)?;
    let agree = seconds == 0 || nanos == 0 || (seconds < 0) == (nanos < 0);
    if !agree || seconds.abs() > LONGEST || !(-999_999_999..=999_999_999).contains(&nanos) {
        return Err(Malformed);
    }
    out.push(b'"');
    if seconds < 0 || nanos < 0 {
        out.push(b'-');
    }
    json(out, &seconds.unsigned_abs());
    fraction(out, nanos.abs());
    out.extend_from_slice(b"s\"");
    Ok(())
}

/// Paths in camel case, separated by commas.
pub(super) fn print_mask(wire: &[u8], out: &mut Vec<u8>) -> Result<(), Malformed> {
    let mut cursor = Cursor::new(wire);
    let mut paths = Vec::new();
    while let Some(tag) = cursor.tag()? {
        if tag.number == 1 && tag.wire == Wire::Bytes {
            paths.push(camel(std::str::from_utf8(cursor.bytes()?).map_err(|_| Malformed)?));
        } else {
            cursor.skip(tag.wire)?;
        }
    }
    json(out, &paths.join(","));
    Ok(())
}

/// A timestamp's fields from its text.
pub(super) fn parse_timestamp(text: &str, out: &mut Vec<u8>) -> Result<(), &'static str> {
    let wrong = "must be an RFC 3339 time, such as 2026-11-23T08:00:00Z";
    let (seconds, nanos) = timestamp(text).ok_or(wrong)?;
    put_seconds(out, seconds, nanos);
    Ok(())
}

/// A duration's fields from its text.
pub(super) fn parse_duration(text: &str, out: &mut Vec<u8>) -> Result<(), &'static str> {
    let wrong = "must be a number of seconds followed by s, such as 1.5s";
    let (seconds, nanos) = duration(text).ok_or(wrong)?;
    put_seconds(out, seconds, nanos);
    Ok(())
}

/// A field mask's paths from their text.
pub(super) fn parse_mask(text: &str, out: &mut Vec<u8>) {
    for path in text.split(',').map(str::trim).filter(|path| !path.is_empty()) {
        put_bytes(out, 1, snake(path).as_bytes());
    }
}

/// `create_time` becomes `createTime`.
pub(crate) fn camel(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut raise = false;
    for letter in path.chars() {
        match letter {
            '_' => raise = true,
            letter if raise => {
                out.push(letter.to_ascii_uppercase());
                raise = false;
            }
            letter => out.push(letter),
        }
    }
    out
}

fn snake(path: &str) -> String {
    let mut out = String::with_capacity(path.len() + 4);
    for letter in path.chars() {
        if letter.is_ascii_uppercase() {
            out.push('_');
        }
        out.push(letter.to_ascii_lowercase());
    }
    out
}

fn seconds_and_nanos(wire: &[u8]) -> Result<(i64, i64), Malformed> {
    let (mut seconds, mut nanos) = (0, 0);
    let mut cursor = Cursor::new(wire);
    while let Some(tag) = cursor.tag()? {
        match (tag.number, tag.wire) {
            (1, Wire::Varint) => seconds = cursor.varint()?.cast_signed(),
            (2, Wire::Varint) => nanos = i64::from(cursor.varint()? as i32),
            _ => cursor.skip(tag.wire)?,
        }
    }
    Ok((seconds, nanos))
}

fn put_seconds(out: &mut Vec<u8>, seconds: i64, nanos: i64) {
    for (number, value) in [(1, seconds), (2, nanos)] {
        if value != 0 {
            put_tag(out, number, Wire::Varint);
            put_varint(out, value.cast_unsigned());
        }
    }
}

fn digits(out: &mut Vec<u8>, value: i64, width: u32) {
    for place in (0..width).rev() {
        let digit = value / 10_i64.pow(place) % 10;
        out.push(b'0' + u8::try_from(digit).expect("a remainder of ten is one digit"));
    }
}

fn fraction(out: &mut Vec<u8>, nanos: i64) {
    let (value, width) = match nanos {
        0 => return,
        nanos if nanos % 1_000_000 == 0 => (nanos / 1_000_000, 3),
        nanos if nanos % 1_000 == 0 => (nanos / 1_000, 6),
        nanos => (nanos, 9),
    };
    out.push(b'.');
    digits(out, value, width);
}

/// The proleptic Gregorian date so many days after 1970-01-01, counted in eras of 400 years that begin in March.
fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// The inverse of [`date`].
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let from_march = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = (153 * from_march + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

fn timestamp(text: &str) -> Option<(i64, i64)> {
    let (date_text, rest) = text.split_at_checked(10)?;
    let (time_text, rest) = rest.strip_prefix(['T', 't', ' '])?.split_at_checked(8)?;
    let [year, month, day] = numbers(date_text, '-', [4, 2, 2])?;
    let [hour, minute, second] = numbers(time_text, ':', [2, 2, 2])?;
    if !(1..=12).contains(&month)
        || day < 1
        || hour > 23
        || minute > 59
        || second > 59
        || date(days(year, month, day)) != (year, month, day)
    {
        return None;
    }
    let digits = rest
        .strip_prefix('.')
        .map_or(0, |rest| rest.bytes().take_while(u8::is_ascii_digit).count() + 1);
    let (fraction, zone) = rest.split_at(digits);
    let nanos = nanos(fraction)?;
    let offset = match zone {
        "Z" | "z" => 0,
        zone => {
            let (sign, zone) = zone.split_at_checked(1)?;
            let [hours, minutes] = numbers(zone, ':', [2, 2]).filter(|[hours, minutes]| *hours < 24 && *minutes < 60)?;
            let seconds = hours * 3_600 + minutes * 60;
            match sign {
                "+" => seconds,
                "-" => -seconds,
                _ => return None,
            }
        }
    };
    let seconds = days(year, month, day) * DAY + hour * 3_600 + minute * 60 + second - offset;
    TIMESTAMPS.contains(&seconds).then_some((seconds, nanos))
}

fn duration(text: &str) -> Option<(i64, i64)> {
    let text = text.strip_suffix('s')?;
    let (sign, text) = text.strip_prefix('-').map_or((1, text), |text| (-1, text));
    let point = text.find('.').unwrap_or(text.len());
    let (whole, fraction) = text.split_at(point);
    if whole.is_empty() || !whole.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let seconds = whole.parse::<i64>().ok().filter(|seconds| *seconds <= LONGEST)?;
    Some((sign * seconds, sign * nanos(fraction)?))
}

/// Nanoseconds from nothing, or from a point and one to nine digits.
fn nanos(fraction: &str) -> Option<i64> {
    let Some(digits) = fraction.strip_prefix('.') else {
        return fraction.is_empty().then_some(0);
    };
    let width = u32::try_from(digits.len()).ok().filter(|width| (1..=9).contains(width))?;
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(digits.parse::<i64>().ok()? * 10_i64.pow(9 - width))
}

fn numbers<const N: usize>(text: &str, separator: char, widths: [usize; N]) -> Option<[i64; N]> {
    let mut parts = text.split(separator);
    let mut numbers = [0; N];
    for (number, width) in numbers.iter_mut().zip(widths) {
        let part = parts
            .next()
            .filter(|part| part.len() == width && part.bytes().all(|byte| byte.is_ascii_digit()))?;
        *number = part.parse().ok()?;
    }
    parts.next().is_none().then_some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reprint(text: &str) -> Option<String> {
        let (mut wire, mut out) = (Vec::new(), Vec::new());
        parse_timestamp(text, &mut wire).ok()?;
        print_timestamp(&wire, &mut out).unwrap();
        Some(String::from_utf8(out).unwrap().trim_matches('"').to_owned())
    }

    #[test]
    fn timestamps_read_back_in_utc() {
        for same in [
            "1970-01-01T00:00:00Z",
            "2024-02-29T23:59:59.123Z",
            "0001-01-01T00:00:00Z",
            "9999-12-31T23:59:59.999999999Z",
            "1969-12-31T23:59:59.000001Z",
        ] {
            assert_eq!(reprint(same).as_deref(), Some(same));
        }
        assert_eq!(reprint("2026-11-23T08:00:00+05:30").as_deref(), Some("2026-11-23T02:30:00Z"));
        assert_eq!(reprint("2026-11-23T08:00:00.1-01:00").as_deref(), Some("2026-11-23T09:00:00.100Z"));
    }

    #[test]
    fn what_is_no_timestamp_is_refused() {
        for bad in [
            "",
            "2026-11-23",
            "2026-11-23T08:00:00",
            "2023-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-11-23T24:00:00Z",
            "2026-11-23T08:00:00.Z",
            "2026-11-23T08:00:00.1234567890Z",
            "0000-12-31T00:00:00Z",
            "2026-11-23T08:00:00+5:30",
            "２026-11-23T08:00:00Z",
        ] {
            assert_eq!(reprint(bad), None, "{bad}");
        }
    }

    #[test]
    fn durations_read_back_or_are_refused() {
        for (text, printed) in [
            ("1.5s", "1.500s"),
            ("0s", "0s"),
            ("-0.000000001s", "-0.000000001s"),
            ("315576000000s", "315576000000s"),
        ] {
            let (mut wire, mut out) = (Vec::new(), Vec::new());
            parse_duration(text, &mut wire).unwrap();
            print_duration(&wire, &mut out).unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), format!("\"{printed}\""));
        }
        for bad in ["", "s", "1", "1.s", ".5s", "+1s", "1e3s", "315576000001s", "1.1234567890s"] {
            assert!(duration(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn mask_paths_change_their_case() {
        assert_eq!(camel("create_time.line_items"), "createTime.lineItems");
        assert_eq!(snake("createTime.lineItems"), "create_time.line_items");
    }
}
