//! Escrows, one for each funded order.

use kernel::{Money, OrderId, OrganisationId, PaymentId, Time};
use store::{Aggregate, Corrupt, Stored, parse};

use crate::domain::{escrow::Escrow, intent::OrderAmount};

pub(crate) mod row {
    //! The table `escrows`.

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "escrows")]
    pub(crate) struct Model {
        /// The order's id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: Uuid,
        pub(crate) version: i64,
        /// The buyer.
        pub(crate) owner: Uuid,
        pub(crate) seller: Uuid,
        pub(crate) payment: Uuid,
        pub(crate) currency: String,
        pub(crate) funded: i64,
        pub(crate) released: i64,
        pub(crate) refunded: i64,
        pub(crate) fee: i64,
        pub(crate) created: i64,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl Aggregate for Escrow {
    type Id = OrderId;
    type Entity = row::Entity;
    const KIND: &'static str = "escrow";

    fn id(&self) -> OrderId {
        self.order
    }

    fn from_row(row: row::Model) -> Result<Stored<Self>, Corrupt> {
        let currency = parse("escrows", &row.currency)?;
        let money = |minor_units| Money::new(minor_units, currency);
        let part = OrderAmount {
            order: OrderId::from_uuid(row.id),
            seller: OrganisationId::from_uuid(row.seller),
            amount: money(row.funded),
            fee: money(row.fee),
        };
        let (payment, buyer) = (PaymentId::from_uuid(row.payment), OrganisationId::from_uuid(row.owner));
        let escrow = Self::fund(payment, buyer, &part, Time::from_micros(row.created));
        Ok(Stored::new(row.version, escrow.restored(money(row.released), money(row.refunded))))
    }

    fn to_row(&self, version: i64) -> row::Model {
        row::Model {
            id: self.order.uuid(),
            version,
            owner: self.buyer.uuid(),
            seller: self.seller.uuid(),
            payment: self.payment.uuid(),
            currency: self.funded.currency().code().to_owned(),
            funded: self.funded.minor_units(),
            released: self.released().minor_units(),
            refunded: self.refunded().minor_units(),
            fee: self.fee.minor_units(),
            created: self.created.micros(),
        }
    }
}
