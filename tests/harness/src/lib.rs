//! Real peers for tests: databases, a NATS server, and waiting for conditions instead of times; and the OpenAPI document, held against answers.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test that cannot have its peers has to stop at once"
)]

mod authority;
mod calls;
mod database;
mod identity;
mod line;
mod nats;
pub mod openapi;
mod outbox;
mod ports;

use std::{future::Future, time::Duration};

pub use crate::{
    authority::{Authority, Bearer},
    calls::{channel, fields, reason, serve, usd},
    database::{Database, databases},
    identity::Identity,
    line::{Line, Loss},
    nats::{Nats, nats_server},
    outbox::{Outbox, tell},
    ports::Ports,
};

/// Waits until the condition holds, and longer than a broker does until it delivers again what got lost on its way to a consumer.
///
/// # Panics
/// When it does not hold within a minute and a half, naming what was waited for.
pub async fn until<F, R>(what: &str, condition: F)
where
    F: Fn() -> R,
    R: Future<Output = bool>,
{
    let held = tokio::time::timeout(Duration::from_secs(90), async {
        while !condition().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    });
    assert!(held.await.is_ok(), "waited in vain until {what}");
}
