//! The sandbox carrier, which panics when it is refused.

use std::time::Duration;

use kernel::Clock;
use runtime::SystemClock;
use tradewind::client::{self, Report};

use crate::Ecosystem;

/// Reports to one ecosystem.
pub struct Carrier(client::Carrier);

impl Carrier {
    /// A carrier that knows the ecosystem's secret.
    ///
    /// # Panics
    /// When the ecosystem has none.
    pub fn of(ecosystem: &Ecosystem) -> Self {
        Self(client::Carrier::of(ecosystem.data(), &ecosystem.gateway()).unwrap())
    }

    /// Reports events of a parcel that was taken over an hour ago: pairs of the event's id and its status, a minute apart.
    ///
    /// # Panics
    /// When the report is refused, or one event of it.
    pub async fn report(&self, tracking_number: &str, events: &[(&str, &str)]) {
        let reports: Vec<Report<'_>> = events
            .iter()
            .zip(0..)
            .map(|((id, status), minute)| Report {
                id,
                status,
                after: Duration::from_secs(minute * 60),
            })
            .collect();
        let taken_over = SystemClock.now().minus(Duration::from_secs(3_600));
        let answer = self.0.report(tracking_number, taken_over, &reports).await.unwrap();
        assert_eq!(answer["refused"].as_array().map_or(0, Vec::len), 0, "{answer}");
    }
}
