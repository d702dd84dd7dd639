//! Where a parcel is, by what its carrier reported.

use kernel::{ParcelId, ShipmentId, Time};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{CarrierEvent, ShipmentState, TrackingNumber, reported_since};

/// A parcel's state: what its latest report says, until one is terminal. That one stays, whatever comes later.
///
/// Latest is by the time that it happened, not by the time that we heard of it; among equals
/// the greater event id decides, so that the order of arrival does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Progress {
    /// The state.
    pub(crate) state: ShipmentState,
    /// When it came about.
    pub(crate) since: Time,
    /// The event that said so; none before the first.
    pub(crate) event: Option<Uuid>,
    /// When we heard of that event.
    pub(crate) heard: Option<Time>,
}

impl Progress {
    /// Handed over at this time, nothing reported yet.
    pub(crate) fn purchased(since: Time) -> Self {
        Self {
            state: ShipmentState::Purchased,
            since,
            event: None,
            heard: None,
        }
    }

    /// Whether it can be that of a parcel whose order was made at this time: what was heard or happened before is another's.
    pub(crate) fn may_be_of(&self, ordered: Time) -> bool {
        self.since >= reported_since(ordered) && self.heard.unwrap_or(self.since) >= ordered
    }

    /// Takes a report in.
    pub(crate) fn hear(&mut self, report: &CarrierEvent) {
        let Some(state) = report.state() else { return };
        let id = Some(report.id());
        let is_later = self.event.is_none() || (report.occurred, id) > (self.since, self.event);
        if !self.state.is_terminal() && (is_later || state.is_terminal()) {
            *self = Self {
                state,
                since: report.occurred,
                event: id,
                heard: Some(report.received),
            };
        }
    }
}

/// A carrier's tracking number: whose parcel it is, and until somebody says so, what was reported about it.
///
/// Carriers may report a parcel before its seller has told us the number, and no number is given to two shipments at a time. Carriers use
/// numbers again after a year or so: once a parcel's way has ended, orders that were made later may have its number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Track {
    /// The carrier's code.
    pub(crate) carrier: String,
    /// The number.
    pub(crate) number: TrackingNumber,
    /// Whose it is.
    pub(crate) claim: Claim,
}

/// Whether a number belongs to a shipment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Claim {
    /// Nobody's yet; this was reported.
    Open(Progress),
    /// This shipment's, which keeps the progress from now on, until its number is another's.
    Claimed(ShipmentId),
}

impl Claim {
    /// The shipment that it belongs to.
    pub(crate) fn shipment(self) -> Option<ShipmentId> {
        match self {
            Self::Open(_) => None,
            Self::Claimed(shipment) => Some(shipment),
        }
    }
}

/// The parcel that a carrier knows by this number.
pub(crate) fn parcel_id(carrier: &str, number: &TrackingNumber) -> ParcelId {
    let carrier = Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("carrier {carrier}").as_bytes());
    ParcelId::derived(carrier, number.as_str())
}

impl Track {
    /// The parcel's id.
    pub(crate) fn id(&self) -> ParcelId {
        parcel_id(&self.carrier, &self.number)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    pub(crate) fn report(event: u32, state: ShipmentState, occurred: i64) -> CarrierEvent {
        let number = "RB123456785GB".parse().unwrap();
        CarrierEvent {
            carrier: "sandbox".to_owned(),
            event: event.to_string(),
            parcel: parcel_id("sandbox", &number),
            status: state.name().to_owned(),
            reason: String::new(),
            location: String::new(),
            description: String::new(),
            occurred: Time::from_micros(occurred),
            received: Time::from_micros(occurred),
        }
    }

    #[test]
    fn a_late_report_is_filed_and_changes_nothing() {
        let mut progress = Progress::purchased(Time::from_micros(50));
        progress.hear(&report(1, ShipmentState::OutForDelivery, 30));
        progress.hear(&report(2, ShipmentState::InTransit, 20));
        assert_eq!(
            (progress.state, progress.since),
            (ShipmentState::OutForDelivery, Time::from_micros(30))
        );
    }

    #[test]
    fn a_terminal_state_is_never_left() {
        let mut progress = Progress::purchased(Time::from_micros(0));
        progress.hear(&report(1, ShipmentState::Delivered, 30));
        progress.hear(&report(2, ShipmentState::InTransit, 40));
        progress.hear(&report(3, ShipmentState::Returned, 50));
        assert_eq!(progress.state, ShipmentState::Delivered);
    }

    #[test]
    fn a_delivery_that_a_later_scan_overtook_is_a_delivery() {
        let mut progress = Progress::purchased(Time::from_micros(0));
        progress.hear(&report(1, ShipmentState::InTransit, 40));
        progress.hear(&report(2, ShipmentState::Delivered, 30));
        assert_eq!(progress.state, ShipmentState::Delivered);
    }

    #[test]
    fn a_status_that_says_nothing_of_the_place_changes_nothing() {
        let mut progress = Progress::purchased(Time::from_micros(0));
        progress.hear(&report(1, ShipmentState::InTransit, 10));
        let before = progress;
        for status in ["unknown", "eaten_by_a_dog", "DELIVERED"] {
            let strange = CarrierEvent {
                status: status.to_owned(),
                ..report(2, ShipmentState::Delivered, 20)
            };
            progress.hear(&strange);
            assert_eq!(progress, before, "{status}");
        }
    }

    #[test]
    fn what_was_heard_before_an_order_was_made_is_about_another_parcel() {
        let (hour, ordered) = (3_600_000_000, 1_000 * 3_600_000_000);
        let at = |occurred: i64, received: i64| {
            let mut progress = Progress::purchased(Time::from_micros(0));
            progress.hear(&CarrierEvent {
                received: Time::from_micros(received),
                ..report(1, ShipmentState::Delivered, occurred)
            });
            progress.may_be_of(Time::from_micros(ordered))
        };
        assert!(at(ordered, ordered));
        assert!(!at(ordered - hour, ordered - 1), "our own clock is right");
        assert!(at(ordered - 48 * hour, ordered + hour), "a carrier's may be wrong by two days");
        assert!(!at(ordered - 48 * hour - 1, ordered + hour));
        assert!(!at(ordered + hour, ordered - 1), "or fast");
    }

    proptest! {
        #[test]
        fn the_order_of_arrival_does_not_matter(
            reports in prop::collection::vec((0u32..20, 0usize..6, 0i64..5), 0..10).prop_map(|list| {
                list.into_iter().map(|(event, state, occurred)| report(event, ShipmentState::ALL[state], occurred)).collect::<Vec<_>>()
            }),
            seed: u64,
        ) {
            // One terminal state at most: of several, the first that arrives stays.
            let mut seen = std::collections::BTreeSet::new();
            let mut terminal = false;
            let is_terminal = |report: &CarrierEvent| report.state().is_some_and(ShipmentState::is_terminal);
            let reports: Vec<CarrierEvent> = reports.into_iter().filter(|report| {
                let second = terminal && is_terminal(report);
                terminal |= is_terminal(report);
                seen.insert(report.event.clone()) && !second
            }).collect();
            let mut shuffled = reports.clone();
            shuffled.sort_by_key(|report| Uuid::new_v5(&report.id(), &seed.to_be_bytes()));
            let end = |reports: &[CarrierEvent]| {
                let mut progress = Progress::purchased(Time::from_micros(2));
                reports.iter().for_each(|report| progress.hear(report));
                progress
            };
            prop_assert_eq!(end(&reports), end(&shuffled));
        }
    }
}
