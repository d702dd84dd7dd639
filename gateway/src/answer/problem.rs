//! Errors as RFC 9457 problems, the gateway's own as well as the services'.

use std::{borrow::Cow, collections::BTreeMap, time::Duration};

use http::{HeaderName, HeaderValue, StatusCode, header::RETRY_AFTER};
use serde::Serialize;

use super::{Answer, whole};
use crate::codec::Violation;

/// What every problem's `type` begins with; a service's name and a reason follow.
pub(crate) const TYPES: &str = "https://tradewind.dev/problems/";

/// How long path and query may be together.
pub(crate) const MAX_URI_BYTES: usize = 16 * 1_024;

/// How many headers a request may have.
pub(crate) const MAX_HEADERS: usize = 100;

/// How large its headers may be together.
pub(crate) const MAX_HEADER_BYTES: usize = 32 * 1_024;

/// Whose problems the gateway's own are.
const OURSELVES: &str = "gateway";

/// When to come again after what passes, where nobody says it better.
pub(super) const SOON: Duration = Duration::from_secs(1);

/// Why a request was not carried out.
#[derive(Debug)]
pub(crate) struct Problem {
    pub(crate) status: StatusCode,
    /// The service that says so.
    pub(crate) domain: Cow<'static, str>,
    /// Such as `OUT_OF_STOCK`.
    pub(crate) reason: Cow<'static, str>,
    pub(crate) detail: Cow<'static, str>,
    pub(crate) violations: Vec<Violation>,
    pub(crate) retry_after: Option<Duration>,
    /// Facts for programs, such as `current_version`.
    pub(crate) metadata: BTreeMap<String, String>,
    /// What the answer's head says besides.
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
}

/// The JSON of a problem.
#[derive(Serialize)]
struct Document<'p> {
    r#type: String,
    title: String,
    status: u16,
    detail: &'p str,
    instance: &'p str,
    reason: &'p str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    violations: Vec<DocumentedViolation<'p>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    metadata: &'p BTreeMap<String, String>,
}

#[derive(Serialize)]
struct DocumentedViolation<'p> {
    field: &'p str,
    description: &'p str,
}

impl Problem {
    /// A problem of the gateway's own.
    pub(crate) fn new(status: StatusCode, reason: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status,
            domain: OURSELVES.into(),
            reason: reason.into(),
            detail: detail.into(),
            violations: Vec::new(),
            retry_after: None,
            metadata: BTreeMap::new(),
            headers: Vec::new(),
        }
    }

    /// Fields that are not what they should be.
    pub(crate) fn invalid(violations: Vec<Violation>) -> Self {
        let detail = match violations.as_slice() {
            [one] => format!("{}: {}", one.field, one.description),
            many => format!("{} fields are not valid", many.len()),
        };
        Self {
            violations,
            ..Self::new(StatusCode::BAD_REQUEST, "INVALID_FIELDS", detail)
        }
    }

    /// A service's answer makes no sense.
    pub(crate) fn bad_upstream() -> Self {
        Self::new(
            StatusCode::BAD_GATEWAY,
            "BAD_UPSTREAM",
            "the service answered with what cannot be understood",
        )
    }

    /// A path and query beyond what is read.
    pub(crate) fn uri_too_long() -> Self {
        let detail = format!("path and query have more than {MAX_URI_BYTES} bytes");
        Self::new(StatusCode::URI_TOO_LONG, "URI_TOO_LONG", detail)
    }

    /// Headers beyond what is read.
    pub(crate) fn headers_too_large() -> Self {
        let detail = format!("there are more than {MAX_HEADERS} headers, or they have more than {MAX_HEADER_BYTES} bytes");
        Self::new(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "HEADERS_TOO_LARGE", detail)
    }

    /// Time ran out.
    pub(crate) fn timeout() -> Self {
        Self {
            retry_after: Some(SOON),
            ..Self::new(
                StatusCode::GATEWAY_TIMEOUT,
                "DEADLINE_EXCEEDED",
                "the service did not answer in time",
            )
        }
    }

    /// Gives its fields other names, in the detail too where it begins with one of them.
    #[must_use]
    pub(crate) fn renaming(mut self, name: impl Fn(&str) -> String) -> Self {
        for violation in &mut self.violations {
            let named = name(&violation.field);
            let rest = self.detail.strip_prefix(violation.field.as_str());
            if let Some(rest) = rest.filter(|rest| rest.starts_with(": ")) {
                self.detail = format!("{named}{rest}").into();
            }
            violation.field = named;
        }
        self
    }

    /// Adds a line to the answer's head.
    #[must_use]
    pub(crate) fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// The problem as JSON, for the request of this id.
    pub(crate) fn json(&self, request_id: &str) -> Vec<u8> {
        let violations = self.violations.iter().map(|one| DocumentedViolation {
            field: &one.field,
            description: &one.description,
        });
        let document = Document {
            r#type: format!("{TYPES}{}/{}", self.domain, self.reason.to_ascii_lowercase().replace('_', "-")),
            title: title(&self.reason),
            status: self.status.as_u16(),
            detail: &self.detail,
            instance: request_id,
            reason: &self.reason,
            violations: violations.collect(),
            metadata: &self.metadata,
        };
        serde_json::to_vec(&document).expect("texts and numbers are JSON")
    }

    /// The problem as an answer.
    pub(crate) fn into_answer(self, request_id: &str) -> Answer {
        let mut answer = whole(HeaderValue::from_static("application/problem+json"), self.json(request_id));
        *answer.status_mut() = self.status;
        let headers = answer.headers_mut();
        if let Some(after) = self.retry_after {
            // Whole seconds, and never so few that a client comes too early.
            headers.insert(
                RETRY_AFTER,
                after
                    .as_millis()
                    .div_ceil(1_000)
                    .max(1)
                    .to_string()
                    .parse()
                    .expect("digits are a header value"),
            );
        }
        headers.extend(self.headers);
        answer
    }
}

/// `OUT_OF_STOCK` becomes `Out of stock`.
fn title(reason: &str) -> String {
    let words = reason.to_ascii_lowercase().replace('_', " ");
    let mut letters = words.chars();
    letters
        .next()
        .map(|first| first.to_ascii_uppercase())
        .into_iter()
        .chain(letters)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_says_what_why_and_where() {
        let problem = Problem::invalid(vec![Violation {
            field: "lines[0].quantity".to_owned(),
            description: "must be a number".to_owned(),
        }]);
        let json: serde_json::Value = serde_json::from_slice(&problem.json("r1")).unwrap();
        let expected = serde_json::json!({
            "type": "https://tradewind.dev/problems/gateway/invalid-fields",
            "title": "Invalid fields",
            "status": 400,
            "detail": "lines[0].quantity: must be a number",
            "instance": "r1",
            "reason": "INVALID_FIELDS",
            "violations": [{"field": "lines[0].quantity", "description": "must be a number"}],
        });
        assert_eq!(json, expected);
    }
}
