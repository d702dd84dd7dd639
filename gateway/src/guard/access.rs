//! The access rules of the protos, enforced where requests come in. The services enforce them again.

use http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{AUTHORIZATION, WWW_AUTHENTICATE},
};
use runtime::auth::{Access, Caller, Denied, Refused, Unwelcome, bearer};

use crate::{Shared, answer::Problem, revoking::Disbelief};

/// Who calls, if the rule lets them.
///
/// # Errors
/// 401 without a good token, 403 without the scope or a role, each as RFC 6750 tells the client of it.
pub(crate) async fn admit(shared: &Shared, access: &Access, headers: &HeaderMap) -> Result<Caller, Problem> {
    let caller = access.admit(&shared.verifier, headers).await.map_err(|unwelcome| match unwelcome {
        Unwelcome::NoBearer => challenge(
            StatusCode::UNAUTHORIZED,
            "UNAUTHENTICATED",
            unwelcome.to_string(),
            ", error=\"invalid_request\"",
        ),
        Unwelcome::Refused(why) => refused(why),
        Unwelcome::Denied(why) => denied(why),
    })?;
    if let Caller::Principal(principal) = &caller {
        let believed = shared.revocations.believes(principal).await;
        believed.map_err(|why| match why {
            Disbelief::Revoked => revoked(),
            Disbelief::Unknown => refused(Refused::Unavailable),
        })?;
    }
    Ok(caller)
}

/// The token was good, and would be still.
pub(crate) fn revoked() -> Problem {
    invalid("TOKEN_REVOKED", "the token was revoked")
}

/// The token in the form in which services take it.
pub(crate) fn passed_on(headers: &HeaderMap) -> Option<HeaderValue> {
    let value = headers.get(AUTHORIZATION)?;
    if value.as_bytes().starts_with(b"Bearer ") {
        return Some(value.clone());
    }
    let token = bearer(headers).ok()??;
    HeaderValue::try_from(format!("Bearer {token}")).ok()
}

fn refused(refused: Refused) -> Problem {
    match refused {
        Refused::Invalid | Refused::Expired => {
            let reason = if refused == Refused::Expired {
                "TOKEN_EXPIRED"
            } else {
                "TOKEN_INVALID"
            };
            invalid(reason, &refused.to_string())
        }
        Refused::Unavailable => {
            let mut problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", refused.to_string());
            problem.retry_after = Some(std::time::Duration::from_secs(1));
            problem
        }
    }
}

fn invalid(reason: &'static str, detail: &str) -> Problem {
    let error = format!(", error=\"invalid_token\", error_description=\"{detail}\"");
    challenge(StatusCode::UNAUTHORIZED, reason, detail.to_owned(), &error)
}

fn denied(denied: Denied<'_>) -> Problem {
    let detail = denied.to_string();
    match denied {
        Denied::SignedOut => challenge(StatusCode::UNAUTHORIZED, "UNAUTHENTICATED", detail, ""),
        Denied::Scope(scope) => insufficient(detail, Some(scope)),
        Denied::Roles(_) => insufficient(detail, None),
        // No route leads to such an RPC.
        Denied::Internal => Problem::new(StatusCode::NOT_FOUND, "NO_ROUTE", "there is nothing here"),
    }
}

fn insufficient(detail: String, scope: Option<&str>) -> Problem {
    let scope = scope.map(|scope| format!(", scope=\"{scope}\"")).unwrap_or_default();
    challenge(
        StatusCode::FORBIDDEN,
        "PERMISSION_DENIED",
        detail,
        &format!(", error=\"insufficient_scope\"{scope}"),
    )
}

fn challenge(status: StatusCode, reason: &'static str, detail: String, parameters: &str) -> Problem {
    let challenge = HeaderValue::try_from(format!("Bearer realm=\"tradewind\"{parameters}"));
    Problem::new(status, reason, detail).with_header(WWW_AUTHENTICATE, challenge.expect("scopes and our own words are header text"))
}
