//! Journeys across all services, over the public API.

#![allow(clippy::unwrap_used)]

mod bad_input;
mod cancelling;
mod competing;
mod conversing;
mod dead_letters;
mod purchase;
mod replaying;
mod tour;

use std::time::Duration;

use harness::until;
use kernel::Clock;
use runtime::SystemClock;
use tests::{Database, Ecosystem};
use tradewind::client::{Person, text};

/// The databases that are at hand.
fn databases() -> Vec<Database> {
    let postgres = std::path::Path::new("/usr/lib/postgresql").exists();
    if postgres {
        vec![Database::Sqlite, Database::PostgresWithReplicas]
    } else {
        vec![Database::Sqlite]
    }
}

/// When the quotations of a journey expire.
fn in_a_week() -> String {
    SystemClock.now().plus(Duration::from_secs(7 * 24 * 3_600)).to_string()
}

/// Waits until an order is in a state.
async fn reaches(person: &Person, order: &str, state: &str) {
    until(&format!("{order} is {state}"), || async {
        person
            .order(order)
            .await
            .is_ok_and(|order| text(&order, "state") == format!("ORDER_STATE_{state}"))
    })
    .await;
}

/// Every service's books and stock must agree at the end of a journey.
async fn all_is_right(ecosystem: &Ecosystem) {
    let market = tests::Market {
        gateway: ecosystem.gateway(),
    };
    assert_eq!(market.violations().await, Vec::<serde_json::Value>::new());
}
