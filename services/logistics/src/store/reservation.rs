//! Reservations: one row for each order.

use kernel::{CheckoutId, Money, OrderId, OrganisationId, ShipmentId, Time};
use store::{Aggregate, Corrupt, Document, Stored, parse};

use crate::domain::{Order, Reservation, State};

pub(crate) mod row {
    //! The table `reservations`.

    use sea_orm::entity::prelude::*;
    use store::Document;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "reservations")]
    pub(crate) struct Model {
        /// The order's.
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: Uuid,
        pub(crate) version: i64,
        /// The seller.
        pub(crate) owner: Uuid,
        pub(crate) checkout: Uuid,
        pub(crate) buyer: Uuid,
        pub(crate) state: String,
        pub(crate) shipment: Option<Uuid>,
        pub(crate) destination: Option<String>,
        pub(crate) freight: Option<i64>,
        pub(crate) freight_currency: Option<String>,
        pub(crate) lines: Document,
        pub(crate) picks: Document,
        pub(crate) created: i64,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl Aggregate for Reservation {
    type Id = OrderId;
    type Entity = row::Entity;
    const KIND: &'static str = "reservation";

    fn id(&self) -> OrderId {
        self.order.id
    }

    fn from_row(row: row::Model) -> Result<Stored<Self>, Corrupt> {
        let corrupt = |column: &str| Corrupt::new("reservations", column);
        let state = state(&row).ok_or_else(|| corrupt("state"))?;
        let to = row.destination.map(|code| parse("reservations", &code)).transpose()?;
        let currency = row.freight_currency.map(|code| parse("reservations", &code)).transpose()?;
        let reservation = Self {
            order: Order {
                id: OrderId::from_uuid(row.id),
                checkout: CheckoutId::from_uuid(row.checkout),
                seller: OrganisationId::from_uuid(row.owner),
                buyer: OrganisationId::from_uuid(row.buyer),
            },
            lines: row.lines.read("reservations")?,
            to,
            picks: row.picks.read("reservations")?,
            freight: row
                .freight
                .zip(currency)
                .map(|(minor_units, currency)| Money::new(minor_units, currency)),
            created: Time::from_micros(row.created),
            state,
        };
        Ok(Stored::new(row.version, reservation))
    }

    fn to_row(&self, version: i64) -> row::Model {
        let shipment = match self.state {
            State::Shipped { shipment } => Some(shipment.uuid()),
            State::Reserved | State::Released | State::Allocated | State::Unfulfilled | State::Cancelled => None,
        };
        row::Model {
            id: self.order.id.uuid(),
            version,
            owner: self.order.seller.uuid(),
            checkout: self.order.checkout.uuid(),
            buyer: self.order.buyer.uuid(),
            state: self.state.name().to_owned(),
            shipment,
            destination: self.to.map(|country| country.to_string()),
            freight: self.freight.map(Money::minor_units),
            freight_currency: self.freight.map(|freight| freight.currency().to_string()),
            lines: Document::of(&self.lines),
            picks: Document::of(&self.picks),
            created: self.created.micros(),
        }
    }
}

fn state(row: &row::Model) -> Option<State> {
    let shipped = row.shipment.map(|shipment| State::Shipped {
        shipment: ShipmentId::from_uuid(shipment),
    });
    let states = [
        State::Reserved,
        State::Released,
        State::Allocated,
        State::Unfulfilled,
        State::Cancelled,
    ];
    states.into_iter().chain(shipped).find(|state| state.name() == row.state)
}
