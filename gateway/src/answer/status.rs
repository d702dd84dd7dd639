//! From a gRPC status with the details of google.rpc to a problem.

use std::error::Error as _;

use http::{HeaderValue, StatusCode, header::WWW_AUTHENTICATE};
use tonic::{Code, Status};
use tonic_types::StatusExt;

use super::problem::{Problem, SOON};
use crate::codec::Violation;

impl Problem {
    /// The problem that a service reports. `conditional` says whether the request demanded a version (If-Match): a stale one is then a
    /// failed precondition and otherwise a conflict. `named` says what the client calls a field.
    pub(crate) fn of(status: &Status, domain: &str, conditional: bool, named: impl Fn(&str) -> String) -> Self {
        let code = code_of(status);
        let details = status.get_error_details();
        let info = details.error_info();
        let reason = info.map_or_else(|| reason(code).to_owned(), |info| info.reason.clone());
        let metadata = info.map(|info| info.metadata.clone().into_iter().collect()).unwrap_or_default();
        let violations = details.bad_request().map(|bad| bad.field_violations.as_slice()).unwrap_or_default();
        let mut problem = Self {
            domain: domain.to_owned().into(),
            reason: reason.into(),
            violations: violations
                .iter()
                .map(|one| Violation {
                    field: one.field.clone(),
                    description: one.description.clone(),
                })
                .collect(),
            retry_after: details.retry_info().and_then(|retry| retry.retry_delay),
            metadata,
            ..Self::new(http_status(code), "", detail(status, info.is_some()))
        }
        .renaming(named);
        if conditional && code == Code::Aborted && problem.metadata.contains_key("current_version") {
            problem.status = StatusCode::PRECONDITION_FAILED;
        }
        if code == Code::Unauthenticated {
            problem = problem.with_header(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"tradewind\""));
        }
        if matches!(code, Code::Unavailable | Code::DeadlineExceeded) {
            problem.retry_after.get_or_insert(SOON);
        }
        problem
    }
}

/// The code of a status; a connection that broke under a call is a service that cannot be reached now, whatever the library calls it.
fn code_of(status: &Status) -> Code {
    match status.code() {
        Code::Unknown | Code::Internal | Code::Cancelled if status.source().is_some() => Code::Unavailable,
        code => code,
    }
}

/// What a client may read of a status. The text of faults that nobody meant to tell stays inside, and so does what our own connections
/// say about addresses.
fn detail(status: &Status, meant: bool) -> String {
    let code = code_of(status);
    let fault = matches!(code, Code::Internal | Code::Unknown | Code::DataLoss);
    match code {
        Code::Unavailable if status.source().is_some() => "the service cannot be reached now".to_owned(),
        _ if fault && !meant => "something went wrong on our side".to_owned(),
        _ => status.message().to_owned(),
    }
}

/// The HTTP status of a gRPC code. A state of things that forbids a request is a conflict (RFC 9110, section 15.5.10).
fn http_status(code: Code) -> StatusCode {
    match code {
        Code::Ok => StatusCode::OK,
        Code::InvalidArgument | Code::OutOfRange => StatusCode::BAD_REQUEST,
        Code::Unauthenticated => StatusCode::UNAUTHORIZED,
        Code::PermissionDenied => StatusCode::FORBIDDEN,
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::AlreadyExists | Code::Aborted | Code::FailedPrecondition => StatusCode::CONFLICT,
        Code::ResourceExhausted => StatusCode::TOO_MANY_REQUESTS,
        Code::Unimplemented => StatusCode::NOT_IMPLEMENTED,
        Code::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Code::DeadlineExceeded => StatusCode::GATEWAY_TIMEOUT,
        Code::Cancelled => StatusCode::from_u16(499).expect("three digits are a status"),
        Code::Unknown | Code::Internal | Code::DataLoss => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The reason of a status that carries none.
fn reason(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown | Code::Internal => "INTERNAL",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}

#[cfg(test)]
mod tests {
    use runtime::Problem as Told;

    use super::*;
    use crate::codec::camel;

    #[test]
    fn a_stale_version_is_a_conflict_or_a_failed_precondition() {
        let stale: Status = Told::stale(7).into();
        let problem = Problem::of(&stale, "order", false, camel);
        assert_eq!(
            (problem.status, problem.metadata["current_version"].as_str()),
            (StatusCode::CONFLICT, "7")
        );
        assert_eq!(Problem::of(&stale, "order", true, camel).status, StatusCode::PRECONDITION_FAILED);
        let reused: Status = Told::key_reused().into();
        assert_eq!(Problem::of(&reused, "order", true, camel).status, StatusCode::CONFLICT);
    }

    #[test]
    fn field_violations_are_named_as_json_names_them() {
        let status: Status = Told::invalid_field("lines[0].unit_price", "must be positive").into();
        let problem = Problem::of(&status, "order", false, camel);
        assert_eq!(
            (problem.status, problem.violations[0].field.as_str(), problem.detail.as_ref()),
            (
                StatusCode::BAD_REQUEST,
                "lines[0].unitPrice",
                "lines[0].unitPrice: must be positive"
            )
        );
    }

    #[test]
    fn the_text_of_a_fault_stays_inside() {
        let problem = Problem::of(&Status::unknown("password of the database: x"), "order", false, camel);
        assert_eq!(
            (problem.status, problem.detail.as_ref()),
            (StatusCode::INTERNAL_SERVER_ERROR, "something went wrong on our side")
        );
    }
}
