//! Why a request has no answer: the gateway refused, with a problem (RFC 9457), or nobody answered.

use std::fmt;

use reqwest::StatusCode;
use serde_json::Value;

/// What the gateway says instead of an answer (RFC 9457).
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// The HTTP status.
    pub status: StatusCode,
    /// A constant for programs, such as `OUT_OF_STOCK`.
    pub reason: String,
    /// The problem in words, with its violations.
    pub detail: String,
}

impl Problem {
    /// Reads a problem's document.
    pub(super) fn read(status: StatusCode, body: &Value) -> Self {
        let text = |field: &str| body[field].as_str().unwrap_or_default();
        let violations = body["violations"].as_array().into_iter().flatten().map(|violation| {
            format!(
                "{} {}",
                violation["field"].as_str().unwrap_or_default(),
                violation["description"].as_str().unwrap_or_default()
            )
        });
        let violations: Vec<String> = violations.collect();
        let detail = if violations.is_empty() {
            text("detail").to_owned()
        } else {
            violations.join("; ")
        };
        Self {
            status,
            reason: text("reason").to_owned(),
            detail,
        }
    }
}

/// Whether the same request may well succeed a little later.
pub(super) fn passes(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT | StatusCode::TOO_MANY_REQUESTS
    )
}

/// Whether something went wrong on the other side: a process that was killed, or a fault of ours.
pub(super) fn has_broken(status: StatusCode) -> bool {
    matches!(status, StatusCode::INTERNAL_SERVER_ERROR | StatusCode::BAD_GATEWAY)
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}: {}", self.status.as_u16(), self.reason, self.detail)
    }
}

impl std::error::Error for Problem {}

/// Why a request has no answer.
#[derive(Debug)]
pub enum Error {
    /// The gateway refused.
    Problem(Problem),
    /// Nobody answered, however often it was asked.
    Silent(String),
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Problem(problem) => problem.fmt(out),
            Self::Silent(error) => write!(out, "no answer: {error}"),
        }
    }
}

impl std::error::Error for Error {}

impl Error {
    /// The problem's reason; empty when nobody answered.
    pub fn reason(&self) -> &str {
        match self {
            Self::Problem(problem) => &problem.reason,
            Self::Silent(_) => "",
        }
    }
}
