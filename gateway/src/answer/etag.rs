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

/// The etag that If-Match demands: nothing for `*`, an error for several.
pub(crate) fn demanded(if_match: &str) -> Result<Option<&str>, &'static str> {
    match if_match.trim() {
        "*" => Ok(None),
        several if several.contains(',') => Err("must name one etag"),
        one if bare(one).is_empty() => Err("must name an etag"),
        one => Ok(Some(bare(one))),
    }
}

/// Without quotes. Etags stand for versions here, so that a weak one is as good as a strong one.
fn bare(etag: &str) -> &str {
    etag.trim().trim_start_matches("W/").trim_matches('"')
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
        assert_eq!(demanded("\"7\""), Ok(Some("7")));
        assert_eq!(demanded("*"), Ok(None));
        assert!(demanded("\"7\", \"8\"").is_err() && demanded("\"\"").is_err());
        assert_eq!(header("7").unwrap(), "\"7\"");
    }
}
