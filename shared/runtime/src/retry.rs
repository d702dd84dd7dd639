//! Calls that are sent again: those that their proto calls safe (`idempotency_level`),
//! when a peer was not there, as gRPC's own retry design (A6) has it.
//!
//! Three tries at most, full jitter between them, never beyond the deadline, and from a budget: when many calls fail, retries would only
//! add to the load, so they stop until enough calls succeed again. A peer may push back: it says when to come again, or never.

use std::{
    collections::HashSet,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicU32, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use http::{HeaderMap, HeaderValue, Request, Response};
use prost_reflect::{DescriptorPool, Value};
use tonic::{Code, Status, body::Body, transport::Error};
use tower::Service;

use crate::{Replicas, deadline, whole::Whole};

/// How often a call is tried.
const TRIES: u32 = 3;

/// The longest wait before the second try; twice as long before the third.
const BACKOFF: Duration = Duration::from_millis(50);

/// A full budget, in thousandths: ten failures.
const FULL: u32 = 10_000;

/// What a failure takes, and what a success gives back.
const FAILURE: u32 = 1_000;
const SUCCESS: u32 = 100;

/// The calls that may be sent twice, by path.
static SAFE: LazyLock<HashSet<String>> = LazyLock::new(|| safe(proto::pool()));

fn safe(pool: &DescriptorPool) -> HashSet<String> {
    let safe = proto::methods(pool).filter(|method| {
        let level = method
            .options()
            .get_field_by_name("idempotency_level")
            .map(|level| level.into_owned());
        matches!(level, Some(Value::EnumNumber(1 | 2))) && !method.is_client_streaming()
    });
    safe.map(|method| proto::path(&method)).collect()
}

/// How many retries are left, shared by all calls to one service.
struct Budget(AtomicU32);

impl Budget {
    fn succeeded(&self) {
        let more = |left: u32| (left < FULL).then(|| (left + SUCCESS).min(FULL));
        let _ = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more);
    }

    /// Takes a failure; whether more than half of the budget is left.
    fn failed(&self) -> bool {
        let less = |left: u32| Some(left.saturating_sub(FAILURE));
        let before = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).unwrap_or_default();
        before.saturating_sub(FAILURE) > FULL / 2
    }
}

/// Replicas whose safe calls are tried again. Cheap to clone.
#[derive(Clone)]
pub struct Retrying {
    replicas: Replicas,
    budget: Arc<Budget>,
}

impl Retrying {
    pub(crate) fn new(replicas: Replicas) -> Self {
        Self {
            replicas,
            budget: Arc::new(Budget(AtomicU32::new(FULL))),
        }
    }

    async fn send(self, request: Request<Body>) -> Result<Response<Body>, Error> {
        let mut whole = match Whole::of(request).await {
            Ok(whole) => whole,
            Err(broken) => return self.replicas.send_once(broken).await,
        };
        let mut tries = 0;
        loop {
            tries += 1;
            let outcome = self.replicas.send_whole(&whole).await;
            let Some(wait) = self.again_after(&outcome, tries) else {
                return outcome;
            };
            if wait >= deadline::remaining() {
                return outcome;
            }
            tracing::debug!(path = whole.head().uri.path(), tries, "a call is sent again");
            tokio::time::sleep(wait).await;
            shorten(&mut whole.head().headers);
        }
    }

    /// How long to wait before the next try; nothing when there is none.
    fn again_after(&self, outcome: &Result<Response<Body>, Error>, tries: u32) -> Option<Duration> {
        let pushback = match outcome {
            Ok(response) => {
                // A status in the headers comes without any message: nothing was carried out, or nothing was told of it.
                let status = Status::from_header_map(response.headers());
                if status.is_none_or(|status| status.code() != Code::Unavailable) {
                    self.budget.succeeded();
                    return None;
                }
                response.headers().get("grpc-retry-pushback-ms")
            }
            Err(_) => None,
        };
        if !self.budget.failed() || tries >= TRIES {
            return None;
        }
        match pushback {
            Some(asked) => asked.to_str().ok()?.parse().ok().map(Duration::from_millis),
            None => Some(BACKOFF.mul_f64(f64::from(1 << (tries - 1)) * rand::random::<f64>())),
        }
    }
}

/// A later try has what is left of the time.
fn shorten(headers: &mut HeaderMap) {
    let left = deadline::remaining().as_millis().min(99_999_999);
    if let Ok(timeout) = HeaderValue::try_from(format!("{left}m")) {
        headers.insert("grpc-timeout", timeout);
    }
}

impl Service<Request<Body>> for Retrying {
    type Response = Response<Body>;
    type Error = Error;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<Response<Body>, Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.replicas.poll_ready(context)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        if SAFE.contains(request.uri().path()) {
            return Box::pin(self.clone().send(request));
        }
        self.replicas.call(request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_protos_say_what_may_be_sent_twice() {
        assert!(SAFE.contains("/tradewind.catalog.v1.PricingService/PriceLines"));
        assert!(SAFE.contains("/tradewind.payment.v1.IntentService/OpenIntent"));
        assert!(!SAFE.contains("/tradewind.order.v1.CheckoutService/CreateCheckout"));
    }

    #[test]
    fn a_budget_runs_dry_and_fills_up_slowly() {
        let budget = Budget(AtomicU32::new(FULL));
        let granted = (0..20).filter(|_| budget.failed()).count();
        assert_eq!(granted, 4, "half of ten failures are retried, and then none");
        (0..59).for_each(|_| budget.succeeded());
        assert!(!budget.failed(), "59 successes are not enough");
        (0..30).for_each(|_| budget.succeeded());
        assert!(budget.failed());
    }
}
