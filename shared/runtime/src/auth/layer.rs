//! The layer in front of every gRPC service: finds out who calls and whether they may.

use std::{
    sync::Arc,
    task::{Context, Poll},
};

use http::{HeaderMap, Request, Response};
use tonic::{Status, body::Body};
use tower::{Layer, Service};

use super::{Caller, Denied, Refused, Rules, Unwelcome, Verifier};
use crate::{Problem, deadline, validation};

/// Guards services with the rules of their protos.
#[derive(Clone)]
pub(crate) struct AuthLayer {
    guard: Arc<Guard>,
}

struct Guard {
    rules: Rules,
    verifier: Verifier,
}

impl AuthLayer {
    pub(crate) fn new(rules: Rules, verifier: Verifier) -> Self {
        Self {
            guard: Arc::new(Guard { rules, verifier }),
        }
    }
}

impl<S> Layer<S> for AuthLayer {
    type Service = Guarded<S>;

    fn layer(&self, inner: S) -> Guarded<S> {
        Guarded {
            inner,
            guard: Arc::clone(&self.guard),
        }
    }
}

/// A service behind the guard.
#[derive(Clone)]
pub(crate) struct Guarded<S> {
    inner: S,
    guard: Arc<Guard>,
}

impl<S> Service<Request<Body>> for Guarded<S>
where
    S: Service<Request<Body>, Response = Response<Body>> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<Response<Body>, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let waiting = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, waiting);
        let guard = Arc::clone(&self.guard);
        Box::pin(async move {
            let timeout = request
                .headers()
                .get("grpc-timeout")
                .and_then(|value| deadline::parse(value.to_str().ok()?));
            let serve = async {
                let (path, headers) = (request.uri().path(), request.headers());
                match guard.admit(path, headers).await {
                    Ok(caller) => {
                        request.extensions_mut().insert(caller);
                        validation::serving(validation::is_asked(request.headers()), inner.call(request)).await
                    }
                    Err(status) => Ok(status.into_http()),
                }
            };
            deadline::within(timeout.unwrap_or(deadline::DEFAULT), serve).await
        })
    }
}

impl Guard {
    async fn admit(&self, path: &str, headers: &HeaderMap) -> Result<Caller, Status> {
        // Health is for those who run us, and reveals nothing.
        if path.starts_with("/grpc.health.v1.Health/") {
            return Ok(Caller::Anonymous);
        }
        let access = self.rules.get(path).ok_or_else(|| Status::unimplemented("no such method"))?;
        access.admit(&self.verifier, headers).await.map_err(refusal)
    }
}

fn refusal(unwelcome: Unwelcome<'_>) -> Status {
    let detail = unwelcome.to_string();
    let problem = match unwelcome {
        Unwelcome::NoBearer | Unwelcome::Refused(Refused::Invalid | Refused::Expired) | Unwelcome::Denied(Denied::SignedOut) => {
            Problem::unauthenticated(detail)
        }
        Unwelcome::Refused(Refused::Unavailable) => Problem::unavailable(detail),
        Unwelcome::Denied(Denied::Scope(_) | Denied::Roles(_) | Denied::Internal) => Problem::permission_denied(detail),
    };
    problem.into()
}
