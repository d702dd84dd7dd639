//! What a carrier reports, as it came. Never changed afterwards.

use kernel::{ParcelId, Time};
use uuid::Uuid;

use super::ShipmentState;

/// One report about one parcel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CarrierEvent {
    /// The carrier's code.
    pub(crate) carrier: String,
    /// What the carrier calls the event.
    pub(crate) event: String,
    /// The parcel, whether anybody has told us of it yet or not.
    pub(crate) parcel: ParcelId,
    /// What happened to it, as the carrier calls it.
    pub(crate) status: String,
    /// A normal reason, such as `customs_hold`; may be empty.
    pub(crate) reason: String,
    /// Where; may be empty.
    pub(crate) location: String,
    /// The carrier's own words; may be empty.
    pub(crate) description: String,
    /// When it happened, by the carrier's clock.
    pub(crate) occurred: Time,
    /// When we heard of it.
    pub(crate) received: Time,
}

/// The id of a carrier's event: the same event has the same id, however often it comes.
pub(crate) fn carrier_event_id(carrier: &str, event: &str) -> Uuid {
    let carrier = Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("carrier {carrier}").as_bytes());
    Uuid::new_v5(&carrier, event.as_bytes())
}

impl CarrierEvent {
    /// Where the parcel is, by this event; nothing where its status does not say.
    pub(crate) fn state(&self) -> Option<ShipmentState> {
        ShipmentState::reported(&self.status)
    }

    /// Its id.
    pub(crate) fn id(&self) -> Uuid {
        carrier_event_id(&self.carrier, &self.event)
    }
}
