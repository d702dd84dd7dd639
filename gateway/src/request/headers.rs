//! Headers that stand for fields of the request.

use std::{sync::Arc, time::Duration};

use http::{HeaderMap, HeaderName, header::IF_MATCH};

use super::put;
use crate::{
    answer::etag,
    codec::{Field, Plans, Violation},
    routes::Route,
};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
const REQUEST_TIMEOUT: HeaderName = HeaderName::from_static("request-timeout");

/// Writes what the headers say behind `out`: Idempotency-Key to `request_id`, If-Match to `etag`, Last-Event-ID to `after_sequence`.
pub(crate) fn write(plans: &Plans, route: &Route, headers: &HeaderMap, out: &mut Vec<u8>, violations: &mut Vec<Violation>) {
    let sent = route
        .roles
        .request_id
        .as_ref()
        .and_then(|field| etag::text(field, out).ok().flatten().map(str::to_owned));
    let mut set = |name: &HeaderName, path: &[Arc<Field>], value: &str| {
        if let Err(wrong) = put(plans, path, value, out) {
            violations.push(Violation {
                field: title(name),
                description: wrong.into_owned(),
            });
        }
    };
    let mut differs = false;
    if let (Some(field), Some(key)) = (&route.roles.request_id, text(headers, &IDEMPOTENCY_KEY)) {
        // The key may be written as a structured field, in quotes.
        let key = key.trim_matches('"');
        set(&IDEMPOTENCY_KEY, std::slice::from_ref(field), key);
        differs = sent.is_some_and(|sent| sent != key);
    }
    if let (Some(field), Some(id)) = (&route.roles.resume, text(headers, &LAST_EVENT_ID)) {
        set(&LAST_EVENT_ID, std::slice::from_ref(field), id);
    }
    let demanded = text(headers, &IF_MATCH)
        .filter(|_| !route.is_safe())
        .map(|value| (etag::demanded(value), route.roles.etag.as_slice()));
    match demanded {
        None => {}
        // To carry out what was only wanted under a condition would be worse than to refuse it.
        Some((_, [])) => violations.push(Violation {
            field: title(&IF_MATCH),
            description: "cannot be checked by this method".to_owned(),
        }),
        Some((Ok(Some(demanded)), path)) => set(&IF_MATCH, path, demanded),
        Some((Ok(None), _)) => {}
        Some((Err(wrong), _)) => violations.push(Violation {
            field: title(&IF_MATCH),
            description: wrong.to_owned(),
        }),
    }
    if differs {
        let description = "is not the request id that is given besides".to_owned();
        violations.push(Violation {
            field: title(&IDEMPOTENCY_KEY),
            description,
        });
    }
}

/// The time that the client gives the request: seconds, or milliseconds when it says so (`2.5`, `2.5s`, `250ms`).
pub(crate) fn timeout(headers: &HeaderMap) -> Result<Option<Duration>, Violation> {
    let Some(value) = text(headers, &REQUEST_TIMEOUT) else {
        return Ok(None);
    };
    let (number, unit_ms) = match value.strip_suffix("ms") {
        Some(number) => (number, 1.0),
        None => (value.strip_suffix('s').unwrap_or(value), 1_000.0),
    };
    let digits = number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let ms = number.parse::<f64>().ok().filter(|_| digits).map(|number| number * unit_ms);
    match ms.and_then(|ms| Duration::try_from_secs_f64(ms / 1_000.0).ok()) {
        Some(timeout) => Ok(Some(timeout)),
        None => Err(Violation {
            field: title(&REQUEST_TIMEOUT),
            description: "must be a number of seconds, such as 2.5".to_owned(),
        }),
    }
}

/// Whether the request demands a version.
pub(crate) fn is_conditional(headers: &HeaderMap) -> bool {
    headers.contains_key(IF_MATCH)
}

fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers
        .get(name)
        .map(|value| value.to_str().unwrap_or_default().trim())
        .filter(|text| !text.is_empty())
}

/// A header's name as people write it: `Idempotency-Key`.
fn title(name: &HeaderName) -> String {
    let words = name.as_str().split('-').map(|word| {
        let (first, rest) = word.split_at(word.len().min(1));
        first.to_ascii_uppercase() + rest
    });
    words.collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeouts_are_seconds_unless_they_say_otherwise() {
        for (text, ms) in [("2", 2_000), ("2.5", 2_500), ("1s", 1_000), ("250ms", 250)] {
            let headers = HeaderMap::from_iter([(REQUEST_TIMEOUT, text.parse().unwrap())]);
            assert_eq!(timeout(&headers).unwrap(), Some(Duration::from_millis(ms)), "{text}");
        }
        for bad in ["soon", "-1", "inf", "1e9", "."] {
            let headers = HeaderMap::from_iter([(REQUEST_TIMEOUT, bad.parse().unwrap())]);
            assert_eq!(timeout(&headers).unwrap_err().field, "Request-Timeout", "{bad}");
        }
    }
}
