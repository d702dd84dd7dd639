//! One request and its answer, for whoever wants to see them go by.

use std::{fmt, sync::Arc};

use reqwest::{Method, StatusCode};

/// One request and its answer.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// Such as POST.
    pub method: Method,
    /// Path and query, as they were sent.
    pub path: String,
    /// The body that was sent, if any: JSON.
    pub body: Option<String>,
    /// What the gateway said to it.
    pub status: StatusCode,
    /// The answer, or the problem: JSON.
    pub answer: String,
}

/// Somebody who sees every exchange of a client.
#[derive(Clone)]
pub(super) struct Observer(Arc<dyn Fn(&Exchange) + Send + Sync>);

impl Observer {
    pub(super) fn new(see: impl Fn(&Exchange) + Send + Sync + 'static) -> Self {
        Self(Arc::new(see))
    }

    pub(super) fn see(&self, exchange: &Exchange) {
        (self.0)(exchange);
    }
}

impl fmt::Debug for Observer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Observer")
    }
}
