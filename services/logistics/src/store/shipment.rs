//! Shipments, with their parcels nested.

use kernel::{CheckoutId, OrderId, OrganisationId, ShipmentId, Time};
use store::{Aggregate, Corrupt, Document, Stored};

use crate::domain::{Order, Shipment};

pub(crate) mod row {
    //! The table `shipments`.

    use sea_orm::entity::prelude::*;
    use store::Document;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "shipments")]
    pub(crate) struct Model {
        /// Follows from the order.
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: Uuid,
        pub(crate) version: i64,
        /// The seller.
        pub(crate) owner: Uuid,
        pub(crate) order_id: Uuid,
        pub(crate) checkout: Uuid,
        pub(crate) buyer: Uuid,
        pub(crate) carrier: String,
        /// For people who look; it derives from the parcels.
        pub(crate) state: String,
        pub(crate) parcels: Document,
        pub(crate) ordered: i64,
        pub(crate) created: i64,
        pub(crate) delivered: Option<i64>,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl Aggregate for Shipment {
    type Id = ShipmentId;
    type Entity = row::Entity;
    const KIND: &'static str = "shipment";

    fn id(&self) -> ShipmentId {
        self.id
    }

    fn from_row(row: row::Model) -> Result<Stored<Self>, Corrupt> {
        let shipment = Self {
            id: ShipmentId::from_uuid(row.id),
            order: Order {
                id: OrderId::from_uuid(row.order_id),
                checkout: CheckoutId::from_uuid(row.checkout),
                seller: OrganisationId::from_uuid(row.owner),
                buyer: OrganisationId::from_uuid(row.buyer),
            },
            carrier: row.carrier,
            parcels: row.parcels.read("shipments")?,
            ordered: Time::from_micros(row.ordered),
            created: Time::from_micros(row.created),
            delivered: row.delivered.map(Time::from_micros),
        };
        Ok(Stored::new(row.version, shipment))
    }

    fn to_row(&self, version: i64) -> row::Model {
        row::Model {
            id: self.id.uuid(),
            version,
            owner: self.order.seller.uuid(),
            order_id: self.order.id.uuid(),
            checkout: self.order.checkout.uuid(),
            buyer: self.order.buyer.uuid(),
            carrier: self.carrier.clone(),
            state: self.state().name().to_owned(),
            parcels: Document::of(&self.parcels),
            ordered: self.ordered.micros(),
            created: self.created.micros(),
            delivered: self.delivered.map(Time::micros),
        }
    }
}
