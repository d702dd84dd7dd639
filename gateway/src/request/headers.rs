//! Headers that stand for fields of the request.

use std::{sync::Arc, time::Duration};

use http::{HeaderMap, HeaderName, StatusCode, header::IF_MATCH};

use super::put;
use crate::{
    answer::{
        Problem,
        etag::{self, Demanded},
    },
    codec::{Field, Plans, Violation},
    routes::Route,
};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
const REQUEST_TIMEOUT: HeaderName = HeaderName::from_static("request-timeout");

/// Writes what the headers say behind `out`: Idempotency-Key to `request_id`, If-Match to `etag`, Last-Event-ID to `after_sequence`. A key
/// that a method has no field for is no fault: such a method does no harm when it is repeated, and many clients send a key with everything.
///
/// # Errors
/// A condition that nothing can meet.
pub(crate) fn write(
    plans: &Plans,
    route: &Route,
    headers: &HeaderMap,
    out: &mut Vec<u8>,
    violations: &mut Vec<Violation>,
) -> Result<(), Problem> {
    let mut set = |name: &HeaderName, path: &[Arc<Field>], value: &str| {
        if let Err(wrong) = put(plans, path, value, out) {
            violations.push(Violation {
                field: title(name),
                description: wrong.into_owned(),
            });
        }
    };
    let (mut wrong, mut met) = (Vec::new(), Ok(()));
    if let Some(field) = &route.roles.request_id {
        // The key may be written as a structured field, in quotes.
        match text(headers, &IDEMPOTENCY_KEY).map(|key| key.map(|key| key.trim_matches('"'))) {
            Ok(None) => {}
            Ok(Some("")) => wrong.push(violation(&IDEMPOTENCY_KEY, "is empty")),
            Ok(Some(key)) => set(&IDEMPOTENCY_KEY, std::slice::from_ref(field), key),
            Err(refused) => wrong.push(refused),
        }
    }
    if let Some(field) = &route.roles.resume {
        match text(headers, &LAST_EVENT_ID) {
            // Who has seen no event begins with the first one.
            Ok(None | Some("")) => {}
            Ok(Some(id)) => set(&LAST_EVENT_ID, std::slice::from_ref(field), id),
            Err(refused) => wrong.push(refused),
        }
    }
    if !route.is_safe() {
        match (text(headers, &IF_MATCH), route.roles.etag.as_slice()) {
            (Ok(None), _) => {}
            // To carry out what was only wanted under a condition would be worse than to refuse it.
            (Ok(Some(_)), []) => wrong.push(violation(&IF_MATCH, "cannot be checked by this method")),
            (Ok(Some(value)), path) => match etag::demanded(value) {
                Ok(Demanded::Version(version)) => set(&IF_MATCH, path, version),
                Ok(Demanded::Any) => {}
                Ok(Demanded::Nothing) => met = Err(weak()),
                Err(refused) => wrong.push(violation(&IF_MATCH, refused)),
            },
            (Err(refused), _) => wrong.push(refused),
        }
    }
    violations.extend(wrong);
    met
}

fn weak() -> Problem {
    Problem::new(
        StatusCode::PRECONDITION_FAILED,
        "WEAK_ETAG",
        "If-Match names a weak etag, and a weak one matches no version",
    )
}

/// The time that the client gives the request: seconds, or milliseconds when it says so (`2.5`, `2.5s`, `250ms`).
pub(crate) fn timeout(headers: &HeaderMap) -> Result<Option<Duration>, Violation> {
    let Some(value) = text(headers, &REQUEST_TIMEOUT)?.filter(|value| !value.is_empty()) else {
        return Ok(None);
    };
    let (number, unit_ms) = match value.strip_suffix("ms") {
        Some(number) => (number, 1.0),
        None => (value.strip_suffix('s').unwrap_or(value), 1_000.0),
    };
    let digits = number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let ms = number.parse::<f64>().ok().filter(|_| digits).map(|number| number * unit_ms);
    let timeout = ms.and_then(|ms| Duration::try_from_secs_f64(ms / 1_000.0).ok());
    match timeout.filter(|timeout| !timeout.is_zero()) {
        Some(timeout) => Ok(Some(timeout)),
        None => Err(violation(&REQUEST_TIMEOUT, "must be a number of seconds, such as 2.5")),
    }
}

/// Whether a header such as Accept wants what has this name; nothing if it does
/// not speak of it. A weight of 0 is a refusal (RFC 9110, section 12.4.2).
pub(crate) fn wants(headers: &HeaderMap, header: &HeaderName, name: &str) -> Option<bool> {
    let lines = headers.get_all(header).iter().filter_map(|value| value.to_str().ok());
    lines.flat_map(|line| line.split(',')).find_map(|part| {
        let mut parameters = part.split(';').map(str::trim);
        parameters.next().filter(|named| named.eq_ignore_ascii_case(name))?;
        let mut pairs = parameters.filter_map(|parameter| parameter.split_once('='));
        let weight = pairs.find(|(key, _)| key.trim().eq_ignore_ascii_case("q"));
        Some(weight.is_none_or(|(_, weight)| weight.trim().parse() != Ok(0.0)))
    })
}

/// Whether the request demands a version.
pub(crate) fn is_conditional(headers: &HeaderMap) -> bool {
    headers.contains_key(IF_MATCH)
}

/// The text of a header, if it is there. One that cannot be read is refused: to pass over a key or a condition would be worse.
fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Result<Option<&'h str>, Violation> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(_), Some(_)) => Err(violation(name, "is given more than once")),
        (Some(value), None) => match std::str::from_utf8(value.as_bytes()) {
            Ok(text) => Ok(Some(text.trim())),
            Err(_) => Err(violation(name, "must be UTF-8")),
        },
    }
}

fn violation(name: &HeaderName, description: &str) -> Violation {
    Violation {
        field: title(name),
        description: description.to_owned(),
    }
}

/// A header's name as people write it: `Idempotency-Key`.
fn title(name: &HeaderName) -> String {
    let words = name.as_str().split('-').map(|word| {
        if word == "id" {
            return "ID".to_owned();
        }
        let (first, rest) = word.split_at(word.len().min(1));
        first.to_ascii_uppercase() + rest
    });
    words.collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use http::header::ACCEPT;

    use super::*;

    #[test]
    fn a_weight_of_nothing_is_a_refusal() {
        let events = |value: &str| {
            wants(
                &HeaderMap::from_iter([(ACCEPT, value.parse().unwrap())]),
                &ACCEPT,
                "text/event-stream",
            )
        };
        for value in [
            "text/event-stream",
            "a/b, Text/Event-Stream;charset=utf-8;q=0.1",
            "text/event-stream;q=x",
        ] {
            assert_eq!(events(value), Some(true), "{value}");
        }
        assert_eq!(events("a/b, text/event-stream; Q = 0.000"), Some(false));
        assert_eq!(events("*/*, text/event-streams"), None);
    }

    #[test]
    fn timeouts_are_seconds_unless_they_say_otherwise() {
        for (text, ms) in [("2", 2_000), ("2.5", 2_500), ("1s", 1_000), ("250ms", 250)] {
            let headers = HeaderMap::from_iter([(REQUEST_TIMEOUT, text.parse().unwrap())]);
            assert_eq!(timeout(&headers).unwrap(), Some(Duration::from_millis(ms)), "{text}");
        }
        for bad in ["soon", "-1", "inf", "1e9", ".", "0", "0s"] {
            let headers = HeaderMap::from_iter([(REQUEST_TIMEOUT, bad.parse().unwrap())]);
            assert_eq!(timeout(&headers).unwrap_err().field, "Request-Timeout", "{bad}");
        }
    }
}
