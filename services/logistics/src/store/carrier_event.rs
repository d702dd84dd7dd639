//! What carriers reported, each event once, as it came.

use kernel::{ParcelId, Time};
use store::{Aggregate, Corrupt, Stored};
use uuid::Uuid;

use crate::domain::CarrierEvent;

pub(crate) mod row {
    //! The table `carrier_events`. Rows are added and never changed.

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "carrier_events")]
    pub(crate) struct Model {
        /// Follows from the carrier and what it calls the event.
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: Uuid,
        pub(crate) version: i64,
        pub(crate) carrier: String,
        pub(crate) event: String,
        pub(crate) parcel: Uuid,
        pub(crate) status: String,
        pub(crate) reason: String,
        pub(crate) location: String,
        pub(crate) description: String,
        pub(crate) occurred: i64,
        pub(crate) received: i64,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl Aggregate for CarrierEvent {
    type Id = Uuid;
    type Entity = row::Entity;
    const KIND: &'static str = "carrier_event";

    fn id(&self) -> Uuid {
        CarrierEvent::id(self)
    }

    fn from_row(row: row::Model) -> Result<Stored<Self>, Corrupt> {
        let event = Self {
            carrier: row.carrier,
            event: row.event,
            parcel: ParcelId::from_uuid(row.parcel),
            status: row.status,
            reason: row.reason,
            location: row.location,
            description: row.description,
            occurred: Time::from_micros(row.occurred),
            received: Time::from_micros(row.received),
        };
        Ok(Stored::new(row.version, event))
    }

    fn to_row(&self, version: i64) -> row::Model {
        row::Model {
            id: CarrierEvent::id(self),
            version,
            carrier: self.carrier.clone(),
            event: self.event.clone(),
            parcel: self.parcel.uuid(),
            status: self.status.clone(),
            reason: self.reason.clone(),
            location: self.location.clone(),
            description: self.description.clone(),
            occurred: self.occurred.micros(),
            received: self.received.micros(),
        }
    }
}
