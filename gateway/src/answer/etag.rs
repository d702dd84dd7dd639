//! Entity tags (RFC 9110, section 8.8.3) and the `etag` fields (AIP-154) that they stand for.

use http::{HeaderMap, HeaderValue, header::IF_NONE_MATCH};

use crate::codec::{Field, Malformed, last_bytes};

/// The last text of a field of a message; nothing when it is absent or empty.
pub(crate) fn text<'a>(field: &Field, wire: &'a [u8]) -> Result<Option<&'a str>, Malformed> {
    let found = last_bytes(wire, field.number)?;
    let text = found.map(std::str::from_utf8).transpose().map_err(|_| Malformed)?;
    Ok(text.filter(|text| !text.is_empty()))
}

/// The header for an etag.
pub(crate) fn header(etag: &str) -> Option<HeaderValue> {
    HeaderValue::try_from(format!("\"{}\"", bare(etag))).ok()
}

/// Whether If-None-Match names this etag, or any.
pub(crate) fn is_known(headers: &HeaderMap, etag: &str) -> bool {
    let lines = headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    lines
        .flat_map(|line| line.split(','))
        .any(|one| one.trim() == "*" || bare(one) == bare(etag))
}

/// What If-Match demands.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Demanded<'h> {
    /// Whatever there is.
    Any,
    /// The version of this etag.
    Version(&'h str),
    /// What no version is: a weak etag matches none (RFC 9110, section 13.1.1).
    Nothing,
}

/// What If-Match demands; an error for what is no etag, and for several.
pub(crate) fn demanded(if_match: &str) -> Result<Demanded<'_>, &'static str> {
    let (weak, one) = if_match
        .trim()
        .strip_prefix("W/")
        .map_or((false, if_match.trim()), |one| (true, one));
    if one == "*" && !weak {
        return Ok(Demanded::Any);
    }
    let inner = one.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    match inner {
        Some(several) if several.contains('"') && several.contains(',') => Err("must name one etag"),
        Some(inner) if !inner.is_empty() && !inner.contains('"') => Ok(if weak {
            Demanded::Nothing
        } else {
            Demanded::Version(of_any_coding(inner))
        }),
        Some(_) | None => Err("must be an etag in quotes, such as \"7\""),
    }
}

/// The etag of a version as gzip packs it: other bytes are another
/// representation, whose strong etag is another one (RFC 9110, section 8.8.3.3).
pub(crate) fn packed(etag: &HeaderValue) -> Option<HeaderValue> {
    HeaderValue::try_from(format!("\"{}{PACKED}\"", bare(etag.to_str().ok()?))).ok()
}

/// The etag of a packed answer, if it is the one that If-None-Match names: what still holds is told by the name that it is known by.
pub(crate) fn named_packed(headers: &HeaderMap, etag: &HeaderValue) -> Option<HeaderValue> {
    let packed = packed(etag)?;
    let names = |line: &HeaderValue| {
        line.to_str()
            .is_ok_and(|line| packed.to_str().is_ok_and(|packed| line.contains(packed)))
    };
    headers.get_all(IF_NONE_MATCH).iter().any(names).then_some(packed)
}

/// What the etag of a packed answer ends with.
const PACKED: &str = "-gzip";

/// Without quotes, whatever the answer was packed in. If-None-Match takes
/// a weak one for as good as a strong one (RFC 9110, section 13.1.2).
fn bare(etag: &str) -> &str {
    of_any_coding(etag.trim().trim_start_matches("W/").trim_matches('"'))
}

fn of_any_coding(etag: &str) -> &str {
    etag.strip_suffix(PACKED).unwrap_or(etag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn etags_are_compared_without_their_quotes() {
        let knows = |lines: &[&str]| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(IF_NONE_MATCH, line.parse().unwrap());
            }
            is_known(&headers, "7")
        };
        assert!(knows(&["\"a\", W/\"7\""]) && knows(&["*"]) && knows(&["\"8\"", "\"7\""]) && !knows(&["\"8\""]));
        assert!(knows(&["\"7-gzip\""]) && knows(&["W/\"7-gzip\""]));
        assert_eq!(header("7").unwrap(), "\"7\"");
        assert_eq!(packed(&header("7").unwrap()).unwrap(), "\"7-gzip\"");
    }

    #[test]
    fn only_a_strong_etag_is_a_demand_that_can_be_met() {
        for strong in ["\"7\"", " \"7\" ", "\"7-gzip\""] {
            assert_eq!(demanded(strong), Ok(Demanded::Version("7")), "{strong}");
        }
        assert_eq!(demanded("*"), Ok(Demanded::Any));
        assert_eq!(demanded("W/\"7\""), Ok(Demanded::Nothing));
        assert_eq!(demanded("\"7\", \"8\""), Err("must name one etag"));
        for malformed in [
            "7",
            "\"7",
            "7\"",
            "\"",
            "\"\"",
            "\"\"7\"\"",
            "w/\"7\"",
            "W/7",
            "W/*",
            "W/W/\"7\"",
            "",
        ] {
            assert!(demanded(malformed).unwrap_err().contains("in quotes"), "{malformed}");
        }
    }
}
