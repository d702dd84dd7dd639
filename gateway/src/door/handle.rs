//! The way of a request through the gateway: its id, the limits, its route, who calls, the call, and the head of the answer.

use std::{net::IpAddr, sync::Arc, time::Duration};

use http::{
    HeaderValue, Method, Request, StatusCode, Version,
    header::{ALLOW, CONNECTION, EXPECT, HOST, TRANSFER_ENCODING},
    request::Parts,
};
use hyper::body::Incoming;
use runtime::auth::Caller;
use tokio::time::Instant;
use tracing::Instrument;

use super::{cors, finish, ids, observe::Observed, own};
use crate::{
    Shared,
    answer::{Answer, MAX_HEADER_BYTES, MAX_HEADERS, MAX_URI_BYTES, Problem, bare},
    call::Call,
    guard::{self, TooMany},
    request::{body::drain, headers},
    routes::{Input, Match, Route},
};

/// Answers one request, if only by saying that its connection is one too many.
pub(crate) async fn handle(shared: &Arc<Shared>, request: Request<Incoming>, peer: IpAddr, too_many: Option<TooMany>) -> Answer {
    let started = Instant::now();
    let (head, body) = request.into_parts();
    let request_id = ids::of(&head.headers);
    let mut observed = Observed::new(&head, started);
    let span = observed.span.clone();
    let mut body = Some(body);
    let answered = match too_many {
        // A process that has much to do is alive.
        Some(too_many) if head.uri.path() != own::ALIVE => Err(too_many.problem()),
        _ => {
            let answered = answer(shared, &head, &mut body, peer, &request_id, &mut observed);
            answered.instrument(span).await
        }
    };
    // Who waits for leave to send the body hears without that why it is not wanted.
    if answered.is_err()
        && let Some(body) = body
        && !head.headers.contains_key(EXPECT)
    {
        drain(body).await;
    }
    let mut answer = answered.unwrap_or_else(|problem| problem.into_answer(&request_id));
    let ours = observed.route.is_none();
    finish::finish(&shared.config, &head, &request_id, ours, &mut answer);
    // A request that says its length in two ways comes here as if it said it in this one. Whoever is between may believe the other, so
    // nothing that follows may be taken for a request (RFC 9112, section 6.1).
    let ambiguous = head.version == Version::HTTP_11 && head.headers.contains_key(TRANSFER_ENCODING);
    if ambiguous || (too_many.is_some() && head.version < Version::HTTP_2) {
        answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    observed.served(&head, &answer, &request_id);
    answer
}

async fn answer(
    shared: &Arc<Shared>,
    head: &Parts,
    body: &mut Option<Incoming>,
    peer: IpAddr,
    request_id: &str,
    observed: &mut Observed,
) -> Result<Answer, Problem> {
    let path = head.uri.path();
    let client = ids::client(&head.headers, peer, shared.config.trusted_proxies);
    // Whoever asks whether we are alive may share an address with many others.
    if path != own::ALIVE {
        shared.rates.address(client)?;
    }
    must_be_read(head)?;
    must_name_its_host(head)?;
    must_be_chunked_alone(head)?;
    if own::PATHS.contains(&path) {
        return match head.method {
            Method::GET | Method::HEAD => Box::pin(own::answer(shared, head)).await.ok_or_else(nothing_here),
            Method::OPTIONS => Ok(options(&[&Method::GET], head)),
            _ => Err(not_allowed(&[&Method::GET])),
        };
    }
    let mut segments: Vec<_> = path.strip_prefix('/').unwrap_or(path).split('/').collect();
    let route = match shared.routes.find(&head.method, &mut segments) {
        Match::Route(route) => route,
        Match::Others(methods) if head.method == Method::OPTIONS => return Ok(options(&methods, head)),
        Match::Others(methods) => return Err(not_allowed(&methods)),
        Match::Nothing => return Err(nothing_here()),
    };
    observed.route = Some(Arc::clone(route));
    shared.rates.costs(client, route.cost)?;
    let deadline = deadline(shared, head, route)?;
    let admitted = tokio::time::timeout_at(deadline, guard::admit(shared, &route.access, &head.headers));
    let caller = admitted.await.unwrap_or_else(|_| Err(Problem::timeout()))?;
    let principal = match caller {
        Caller::Principal(principal) => Some(principal),
        Caller::Anonymous | Caller::Service(_) => None,
    };
    if let Some(principal) = &principal {
        observed.account = Some(principal.account);
        shared.rates.principal(principal.account)?;
    }
    let call = Call {
        shared,
        route,
        head,
        segments: &segments,
        request_id,
        principal,
        deadline,
    };
    call.carry_out(body).await
}

/// hyper reads heads that are larger than any may be, so that they are refused here like anything else.
fn must_be_read(head: &Parts) -> Result<(), Problem> {
    let uri = head.uri.path_and_query().map_or(0, |path| path.as_str().len());
    if uri > MAX_URI_BYTES {
        return Err(Problem::uri_too_long());
    }
    let size: usize = head.headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if head.headers.len() > MAX_HEADERS || size > MAX_HEADER_BYTES {
        return Err(Problem::headers_too_large());
    }
    Ok(())
}

/// A request of HTTP/1.1 says once which host it is for; one that does not
/// may mean something else to a proxy on its way (RFC 9112, section 3.2).
fn must_name_its_host(head: &Parts) -> Result<(), Problem> {
    if head.version == Version::HTTP_11 && head.headers.get_all(HOST).iter().count() != 1 {
        return Err(Problem::new(StatusCode::BAD_REQUEST, "NO_HOST", "a request has one Host header"));
    }
    Ok(())
}

/// A body comes as it is or in chunks. hyper takes any other coding for nothing as long as chunks are the last one, so that what is read
/// would not be what was meant (RFC 9112, section 6.1).
fn must_be_chunked_alone(head: &Parts) -> Result<(), Problem> {
    let codings: Vec<_> = head.headers.get_all(TRANSFER_ENCODING).iter().map(HeaderValue::as_bytes).collect();
    match codings.as_slice() {
        [] => Ok(()),
        [one] if one.trim_ascii().eq_ignore_ascii_case(b"chunked") => Ok(()),
        _ => Err(Problem::new(
            StatusCode::NOT_IMPLEMENTED,
            "TRANSFER_CODING",
            "no transfer coding but chunked is understood",
        )),
    }
}

fn nothing_here() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "NO_ROUTE", "there is nothing here")
}

fn deadline(shared: &Shared, head: &Parts, route: &Route) -> Result<Instant, Problem> {
    let longest = match route.input {
        Input::Upload => shared.config.upload_deadline_ms,
        Input::Json | Input::Raw => shared.config.deadline_ms,
    };
    let asked = headers::timeout(&head.headers).map_err(|violation| Problem::invalid(vec![violation]))?;
    let longest = Duration::from_millis(longest);
    Ok(Instant::now() + asked.map_or(longest, |asked| asked.min(longest)))
}

fn options(methods: &[&Method], head: &Parts) -> Answer {
    let mut answer = bare(StatusCode::NO_CONTENT);
    answer.headers_mut().insert(ALLOW, allow(methods));
    cors::preflight(head, &mut answer);
    answer
}

fn not_allowed(methods: &[&Method]) -> Problem {
    let allow = allow(methods);
    let detail = format!("this path takes {}", allow.to_str().unwrap_or_default());
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", detail).with_header(ALLOW, allow)
}

/// The methods of a path, with those that come with them.
fn allow(methods: &[&Method]) -> HeaderValue {
    let mut names: Vec<_> = methods.iter().map(|method| method.as_str()).collect();
    if names.contains(&"GET") {
        names.push("HEAD");
    }
    names.push("OPTIONS");
    HeaderValue::try_from(names.join(", ")).expect("methods are tokens")
}
