//! The layer in front of every gRPC service: finds out who calls and whether they may.

use std::{
    sync::Arc,
    task::{Context, Poll},
};

use http::{Request, Response, header::AUTHORIZATION};
use tonic::{Status, body::Body};
use tower::{Layer, Service};

use super::{Access, Caller, Denied, Refused, Rules, Verifier};
use crate::{Problem, deadline};

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
            let bearer = request
                .headers()
                .get(AUTHORIZATION)
                .and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "))
                .map(str::to_owned);
            let path = request.uri().path().to_owned();
            let serve = async {
                let admitted = guard.admit(&path, bearer.as_deref()).await;
                match admitted {
                    Ok(caller) => {
                        request.extensions_mut().insert(caller);
                        inner.call(request).await
                    }
                    Err(status) => Ok(status.into_http()),
                }
            };
            deadline::within(timeout.unwrap_or(deadline::DEFAULT), serve).await
        })
    }
}

impl Guard {
    async fn admit(&self, path: &str, bearer: Option<&str>) -> Result<Caller, Status> {
        // Health is for those who run us, and reveals nothing.
        if path.starts_with("/grpc.health.v1.Health/") {
            return Ok(Caller::Anonymous);
        }
        let Some(access) = self.rules.get(path) else {
            return Err(Status::unimplemented("no such method"));
        };
        // A provider's header may hold whatever its signature needs.
        if *access == Access::ProviderSignature {
            return Ok(Caller::Anonymous);
        }
        let caller = match bearer {
            Some(token) => self.verifier.verify(token).await.map_err(refuse)?,
            None => Caller::Anonymous,
        };
        access.admit(&caller).map_err(deny)?;
        Ok(caller)
    }
}

fn deny(denied: Denied<'_>) -> Status {
    let detail = denied.to_string();
    match denied {
        Denied::SignedOut => Problem::unauthenticated(detail).into(),
        Denied::Scope(_) | Denied::Roles(_) | Denied::Internal => Problem::permission_denied(detail).into(),
    }
}

fn refuse(refused: Refused) -> Status {
    match refused {
        Refused::Invalid | Refused::Expired => Problem::unauthenticated(refused.to_string()).into(),
        Refused::Unavailable => Problem::unavailable(refused.to_string()).into(),
    }
}
