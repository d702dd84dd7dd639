//! Errors as clients see them: a gRPC status with the details of google.rpc, which the gateway turns into RFC 9457 problems.

use std::{collections::HashMap, fmt, time::Duration};

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

/// How many bytes the fields that are named may take. A status travels in headers, and one that is larger than a peer takes would not
/// arrive as what it is; see the limit of [`crate::peer`].
const NAMED: usize = 32 * 1_024;

/// How many bytes the sentence may take that says what is wrong. It may repeat what a client sent, and headers that are larger than a peer
/// takes end the connection for everybody on it.
const DETAIL: usize = 1_024;

/// How many bytes may be said of one field.
const DESCRIPTION: usize = 512;

/// How many bytes the name of a field may take.
const FIELD: usize = 256;

/// Why a request was not carried out.
#[derive(Clone, Debug)]
pub struct Problem {
    code: Code,
    reason: &'static str,
    detail: String,
    metadata: HashMap<String, String>,
    violations: Vec<(String, String)>,
    retry_after: Option<Duration>,
}

impl Problem {
    /// A problem of this kind. The reason is a constant in upper case that clients can tell cases apart by.
    pub fn new(code: Code, reason: &'static str, detail: impl Into<String>) -> Self {
        Self {
            code,
            reason,
            detail: detail.into(),
            metadata: HashMap::new(),
            violations: Vec::new(),
            retry_after: None,
        }
    }

    /// Fields that are not what they should be, all of them at once.
    pub fn invalid(violations: Vec<(String, String)>) -> Self {
        let detail = match violations.as_slice() {
            [(field, description)] => format!("{field}: {description}"),
            many => format!("{} fields are not valid", many.len()),
        };
        Self {
            violations,
            ..Self::new(Code::InvalidArgument, "INVALID_FIELDS", detail)
        }
    }

    /// One field that is not what it should be.
    pub fn invalid_field(field: impl Into<String>, description: impl Into<String>) -> Self {
        Self::invalid(vec![(field.into(), description.into())])
    }

    /// There is no such thing, or none that the caller may know of.
    pub fn not_found(what: &str) -> Self {
        Self::new(Code::NotFound, "NOT_FOUND", format!("there is no such {what}"))
    }

    /// Something in the way of adding another.
    pub fn already_exists(reason: &'static str, detail: impl Into<String>) -> Self {
        Self::new(Code::AlreadyExists, reason, detail)
    }

    /// The state of things does not allow it.
    pub fn failed_precondition(reason: &'static str, detail: impl Into<String>) -> Self {
        Self::new(Code::FailedPrecondition, reason, detail)
    }

    /// The change was based on another version than the present one.
    pub fn stale(current: i64) -> Self {
        Self::new(Code::Aborted, "STALE_VERSION", "it has changed since you read it").with("current_version", current)
    }

    /// The idempotency key belongs to another request.
    pub fn key_reused() -> Self {
        Self::new(
            Code::Aborted,
            "IDEMPOTENCY_KEY_REUSED",
            "this idempotency key was used for another request",
        )
    }

    /// The caller is known and may not.
    pub fn permission_denied(detail: impl Into<String>) -> Self {
        Self::new(Code::PermissionDenied, "PERMISSION_DENIED", detail)
    }

    /// The caller is not known.
    pub fn unauthenticated(detail: impl Into<String>) -> Self {
        Self::new(Code::Unauthenticated, "UNAUTHENTICATED", detail)
    }

    /// Too much, or too often.
    pub fn exhausted(reason: &'static str, detail: impl Into<String>, retry_after: Duration) -> Self {
        Self {
            retry_after: Some(retry_after),
            ..Self::new(Code::ResourceExhausted, reason, detail)
        }
    }

    /// Not now; the same request may succeed in a moment.
    pub fn unavailable(detail: impl Into<String>) -> Self {
        Self {
            retry_after: Some(Duration::from_secs(1)),
            ..Self::new(Code::Unavailable, "UNAVAILABLE", detail)
        }
    }

    /// The time that the caller gave the request is over. Nothing is wrong on our side.
    pub fn late(detail: impl Into<String>) -> Self {
        Self::new(Code::DeadlineExceeded, "DEADLINE_EXCEEDED", detail)
    }

    /// Our own fault. It is logged here, once; its text never reaches a client.
    pub fn internal(error: impl fmt::Display) -> Self {
        tracing::error!(%error, trace_id = crate::telemetry::trace_id(), "internal error");
        Self::new(Code::Internal, "INTERNAL", "something went wrong on our side")
    }

    /// Adds a fact for programs to read.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl fmt::Display) -> Self {
        self.metadata.insert(key.to_owned(), value.to_string());
        self
    }

    /// Says when the same request may succeed.
    #[must_use]
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// Adds a field violation.
    #[must_use]
    pub fn violating(mut self, field: impl Into<String>, description: impl Into<String>) -> Self {
        self.violations.push((field.into(), description.into()));
        self
    }
}

impl From<Problem> for Status {
    fn from(problem: Problem) -> Self {
        let mut details = ErrorDetails::new();
        details.set_error_info(problem.reason, "tradewind.dev", problem.metadata);
        let mut left = NAMED;
        for (field, description) in problem.violations {
            let (field, description) = (cut(field, FIELD), cut(description, DESCRIPTION));
            // The tags and lengths around the two take a few bytes more.
            let Some(rest) = left.checked_sub(field.len() + description.len() + 16) else {
                break;
            };
            left = rest;
            details.add_bad_request_violation(field, description);
        }
        if problem.retry_after.is_some() {
            details.set_retry_info(problem.retry_after);
        }
        Self::with_error_details(problem.code, cut(problem.detail, DETAIL), details)
    }
}

/// A text of so many bytes at most, which shows that it was longer.
fn cut(mut text: String, most: usize) -> String {
    const MORE: char = '…';
    if text.len() > most {
        text.truncate(text.floor_char_boundary(most - MORE.len_utf8()));
        text.push(MORE);
    }
    text
}

impl From<kernel::Stale> for Problem {
    fn from(stale: kernel::Stale) -> Self {
        Self::stale(stale.current)
    }
}

impl From<std::convert::Infallible> for Problem {
    fn from(never: std::convert::Infallible) -> Self {
        match never {}
    }
}

/// The reason that a peer's status carries, such as `OUT_OF_STOCK`.
pub fn reason_of(status: &Status) -> Option<String> {
    status.get_details_error_info().map(|info| info.reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_stays_small_enough_to_arrive() {
        let many = (0..10_000).map(|place| (format!("lines[{place}].quantity"), "must be at least 1".to_owned()));
        let status: Status = Problem::invalid(many.collect()).into();
        assert_eq!(status.message(), "10000 fields are not valid");
        let named = status.get_details_bad_request().unwrap().field_violations;
        assert!(named.len() > 500 && status.details().len() < NAMED + 1_024, "{}", named.len());
        let long = |bytes: usize| "é".repeat(bytes / 2);
        let one: Status = Problem::invalid_field(long(64 * 1_024), long(64 * 1_024)).into();
        let named = &one.get_details_bad_request().unwrap().field_violations[0];
        let lengths = [one.message(), &named.description, &named.field].map(str::len);
        assert!(
            lengths[0] <= DETAIL && lengths[1] <= DESCRIPTION && lengths[2] <= FIELD,
            "{lengths:?}"
        );
        assert!(one.message().starts_with("éé") && one.message().ends_with("é…"));
        let few: Status = Problem::invalid_field("lines[0].quantity", "must be at least 1").into();
        assert_eq!(few.get_details_bad_request().unwrap().field_violations.len(), 1);
    }
}
