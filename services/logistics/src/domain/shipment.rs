//! Shipments: an order's parcels on their way.

use std::time::Duration;

use kernel::{ParcelId, ShipmentId, Time};
use serde::{Deserialize, Serialize};

use super::{CarrierEvent, Event, Order, ParcelLine, TrackingNumber, track::Progress};

kernel::named! {
    /// The states of a shipment, and of each of its parcels.
    #[derive(PartialOrd, Ord, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    pub(crate) enum ShipmentState {
        /// Handed to the carrier, not scanned yet.
        Purchased = "purchased",
        /// On its way.
        InTransit = "in_transit",
        /// On the last vehicle.
        OutForDelivery = "out_for_delivery",
        /// Somebody has to do something, such as clear customs.
        NeedsAttention = "needs_attention",
        /// An attempt failed; another may follow.
        DeliveryFailed = "delivery_failed",
        /// Arrived. Terminal.
        Delivered = "delivered",
        /// Back at the sender. Terminal.
        Returned = "returned",
        /// Never left. Terminal.
        Cancelled = "cancelled",
    }
}

impl ShipmentState {
    /// What a carrier's status says of a parcel, be it one of the twelve normal ones or a name of ours; nothing where it does not say where
    /// the parcel is, and where we do not know what it says.
    pub(crate) fn reported(status: &str) -> Option<Self> {
        match status {
            "pending" => Some(Self::Purchased),
            "picked_up" | "delivery_delayed" => Some(Self::InTransit),
            // The last is on its way back. It may not get there, so nothing is in stock again before it is `returned`.
            "on_hold" | "ready_for_pickup" | "return_to_sender" => Some(Self::NeedsAttention),
            ours => Self::named(ours),
        }
    }

    /// Whether nothing follows.
    pub(crate) const fn is_terminal(self) -> bool {
        match self {
            Self::Delivered | Self::Returned | Self::Cancelled => true,
            Self::Purchased | Self::InTransit | Self::OutForDelivery | Self::NeedsAttention | Self::DeliveryFailed => false,
        }
    }
}

/// One parcel of a shipment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Parcel {
    /// Follows from the carrier and the tracking number.
    pub(crate) id: ParcelId,
    /// What the carrier knows it by.
    pub(crate) number: TrackingNumber,
    /// What is inside.
    pub(crate) lines: Vec<ParcelLine>,
    /// Where it is.
    pub(crate) progress: Progress,
}

/// What an order is shipped as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shipment {
    /// Its id.
    pub(crate) id: ShipmentId,
    /// The order and its parties.
    pub(crate) order: Order,
    /// The carrier's code.
    pub(crate) carrier: String,
    /// At least one.
    pub(crate) parcels: Vec<Parcel>,
    /// When its order was made.
    pub(crate) ordered: Time,
    /// When it was handed over.
    pub(crate) created: Time,
    /// When the last parcel arrived, if all that left have.
    pub(crate) delivered: Option<Time>,
}

/// How much earlier than an order a carrier may date what it reports of the order's parcels: its clock and its time
/// zone are its own. All of the world's time zones lie within 26 hours, and with more a seller could pass off
/// somebody else's delivery as that of an order which was made afterwards.
const EARLY: Duration = Duration::from_secs(48 * 3_600);

/// From when on reports are about the parcels of an order that was made at this time, by the carrier's clock. Carriers
/// use numbers again after a year or so, and what they reported before is about other parcels. What we heard before
/// the order was made, by our own clock, is as well, whatever its date.
pub(crate) fn reported_since(ordered: Time) -> Time {
    ordered.minus(EARLY)
}

impl Shipment {
    /// The shipment of an order: there is one.
    pub(crate) fn id_of(order: &Order) -> ShipmentId {
        ShipmentId::derived(order.id, "shipment")
    }

    /// Hands parcels to a carrier, which may have reported some of them already.
    pub(crate) fn hand_over(order: Order, ordered: Time, carrier: String, parcels: Vec<Parcel>, now: Time) -> (Self, Vec<Event>) {
        let mut shipment = Self {
            id: Self::id_of(&order),
            order,
            carrier,
            parcels,
            ordered,
            created: now,
            delivered: None,
        };
        let first = shipment.parcels.first().map(|parcel| parcel.number.to_string());
        let mut events = vec![Event::Shipped {
            shipment: shipment.id,
            order,
            carrier: shipment.carrier.clone(),
            tracking_number: first.unwrap_or_default(),
        }];
        events.extend(shipment.tell(ShipmentState::Purchased));
        (shipment, events)
    }

    /// Where the shipment is as a whole: what needs somebody comes first, then the parcel that is furthest behind. In
    /// the end it is where its parcels are; if some arrived and others came back or never left, it is nowhere, and that
    /// needs somebody too: nobody is paid by the clock for half of the goods.
    pub(crate) fn state(&self) -> ShipmentState {
        use ShipmentState::{Cancelled, Delivered, DeliveryFailed, InTransit, NeedsAttention, Purchased, Returned};
        let states = || self.parcels.iter().map(|parcel| parcel.progress.state);
        let any = |state| states().any(|other| other == state);
        let least = states().filter(|state| !state.is_terminal()).min();
        match least {
            None if states().all(|state| state == Delivered) => Delivered,
            None if any(Delivered) => NeedsAttention,
            None if any(Returned) => Returned,
            None => Cancelled,
            Some(_) if any(NeedsAttention) => NeedsAttention,
            Some(_) if any(DeliveryFailed) => DeliveryFailed,
            Some(Purchased) if states().any(|state| state != Purchased) => InTransit,
            Some(least) => least,
        }
    }

    /// Whether the number of this parcel is free for an order that was made at this time.
    pub(crate) fn had_ended(&self, parcel: ParcelId, by: Time) -> bool {
        let mut own = self.parcels.iter().filter(|own| own.id == parcel);
        own.all(|own| own.progress.state.is_terminal() && own.progress.since < by)
    }

    /// Takes a report about one of its parcels in, or about an earlier one of its number, which says nothing of it.
    pub(crate) fn hear(&mut self, report: &CarrierEvent) -> Vec<Event> {
        if report.occurred < reported_since(self.ordered) {
            return Vec::new();
        }
        let before = self.state();
        for parcel in self.parcels.iter_mut().filter(|parcel| parcel.id == report.parcel) {
            parcel.progress.hear(report);
        }
        self.tell(before)
    }

    fn tell(&mut self, before: ShipmentState) -> Vec<Event> {
        let (shipment, order, state) = (self.id, self.order, self.state());
        if state == before {
            return Vec::new();
        }
        let mut events = vec![Event::TrackingUpdated { shipment, order, state }];
        match state {
            ShipmentState::Delivered => {
                let arrived = self.parcels.iter().map(|parcel| parcel.progress);
                let arrived = arrived.filter(|progress| progress.state == ShipmentState::Delivered);
                self.delivered = arrived.map(|progress| progress.since).max();
                events.push(Event::Delivered { shipment, order });
            }
            ShipmentState::Returned | ShipmentState::Cancelled => events.push(Event::Returned { shipment, order }),
            ShipmentState::Purchased
            | ShipmentState::InTransit
            | ShipmentState::OutForDelivery
            | ShipmentState::NeedsAttention
            | ShipmentState::DeliveryFailed => {}
        }
        events
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        parcel_id,
        samples::{checkout, order, seller},
        track::tests::report,
    };

    fn shipment(numbers: &[&str]) -> (Shipment, Vec<Event>) {
        let parties = Order {
            id: order(1),
            checkout: checkout(1),
            seller: seller(1),
            buyer: seller(2),
        };
        let parcels = numbers.iter().map(|number| {
            let number: TrackingNumber = number.parse().unwrap();
            Parcel {
                id: parcel_id("sandbox", &number),
                number,
                lines: Vec::new(),
                progress: Progress::purchased(Time::from_micros(1)),
            }
        });
        let now = Time::from_micros(1);
        Shipment::hand_over(parties, now, "sandbox".to_owned(), parcels.collect(), now)
    }

    fn about(shipment: &Shipment, parcel: usize, event: u32, state: ShipmentState) -> CarrierEvent {
        CarrierEvent {
            parcel: shipment.parcels[parcel].id,
            ..report(event, state, i64::from(event))
        }
    }

    #[test]
    fn what_we_call_a_state_may_be_reported_by_that_name() {
        for state in ShipmentState::ALL {
            assert_eq!(ShipmentState::reported(state.name()), Some(state));
        }
    }

    #[test]
    fn a_shipment_is_delivered_once_all_its_parcels_are() {
        let (mut shipment, events) = shipment(&["PARCEL-1", "PARCEL-2"]);
        assert_eq!(events.len(), 1);
        let first = about(&shipment, 0, 10, ShipmentState::Delivered);
        assert_eq!(shipment.hear(&first).len(), 1);
        assert_eq!((shipment.state(), shipment.delivered), (ShipmentState::InTransit, None));
        let second = about(&shipment, 1, 20, ShipmentState::Delivered);
        let events = shipment.hear(&second);
        assert!(matches!(events[..], [Event::TrackingUpdated { .. }, Event::Delivered { .. }]));
        assert_eq!(shipment.delivered, Some(Time::from_micros(20)));
        assert_eq!(shipment.hear(&second), []);
    }

    #[test]
    fn what_happened_long_before_the_order_is_about_another_parcel_of_the_number() {
        let (mut shipment, _) = shipment(&["PARCEL-1"]);
        let first = reported_since(shipment.ordered);
        let delivered = |occurred| CarrierEvent {
            occurred,
            ..about(&shipment, 0, 0, ShipmentState::Delivered)
        };
        let (old, early) = (delivered(first.minus(Duration::from_micros(1))), delivered(first));
        assert_eq!(shipment.hear(&old), []);
        assert_eq!(shipment.state(), ShipmentState::Purchased);
        // Its clock and its time zone are the carrier's own.
        shipment.hear(&early);
        assert_eq!(shipment.state(), ShipmentState::Delivered);
    }

    #[test]
    fn a_number_is_free_for_orders_that_were_made_after_its_parcel_ended() {
        let (mut shipment, _) = shipment(&["PARCEL-1"]);
        let (parcel, at) = (shipment.parcels[0].id, Time::from_micros);
        assert!(!shipment.had_ended(parcel, at(100)));
        for (event, state) in [(5, ShipmentState::InTransit), (10, ShipmentState::Delivered)] {
            assert!(!shipment.had_ended(parcel, at(100)));
            let report = about(&shipment, 0, event, state);
            shipment.hear(&report);
        }
        assert!(!shipment.had_ended(parcel, at(10)));
        assert!(shipment.had_ended(parcel, at(11)));
    }

    #[test]
    fn a_parcel_that_needs_somebody_makes_the_whole_shipment_need_them() {
        let (mut shipment, _) = shipment(&["PARCEL-1", "PARCEL-2"]);
        let held = about(&shipment, 0, 1, ShipmentState::NeedsAttention);
        shipment.hear(&held);
        assert_eq!(shipment.state(), ShipmentState::NeedsAttention);
        let on = about(&shipment, 0, 2, ShipmentState::OutForDelivery);
        shipment.hear(&on);
        assert_eq!(shipment.state(), ShipmentState::InTransit);
    }

    /// What a shipment ends as, and what is told of it, by how its parcels end and in whatever order.
    #[test]
    fn a_shipment_ends_where_its_parcels_are() {
        use ShipmentState::{Cancelled, Delivered, NeedsAttention, Returned};
        let ends: [(&[ShipmentState], ShipmentState); 8] = [
            (&[Delivered, Delivered], Delivered),
            (&[Delivered, Cancelled], NeedsAttention),
            (&[Delivered, Returned], NeedsAttention),
            (&[Delivered, Cancelled, Returned], NeedsAttention),
            (&[Returned], Returned),
            (&[Returned, Returned], Returned),
            (&[Cancelled, Returned], Returned),
            (&[Cancelled, Cancelled], Cancelled),
        ];
        for (parcels, end) in ends {
            for backwards in [false, true] {
                let (mut shipment, _) = shipment(&["PARCEL-1", "PARCEL-2", "PARCEL-3"][..parcels.len()]);
                let mut order: Vec<usize> = (0..parcels.len()).collect();
                if backwards {
                    order.reverse();
                }
                let mut told = Vec::new();
                // Every report comes twice, and afterwards each parcel is somewhere else.
                for place in order.iter().chain(&order) {
                    let report = about(&shipment, *place, 5, parcels[*place]);
                    told.extend(shipment.hear(&report));
                }
                for place in order {
                    let report = about(&shipment, place, 9, ShipmentState::InTransit);
                    told.extend(shipment.hear(&report));
                }
                let arrived = told.iter().filter(|event| matches!(event, Event::Delivered { .. })).count();
                let back = told.iter().filter(|event| matches!(event, Event::Returned { .. })).count();
                let expected = (usize::from(end == Delivered), usize::from([Returned, Cancelled].contains(&end)));
                assert_eq!((shipment.state(), (arrived, back)), (end, expected), "{parcels:?}");
                assert_eq!(shipment.delivered.is_some(), end == Delivered, "{parcels:?}");
            }
        }
    }
}
