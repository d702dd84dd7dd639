//! Checkouts. What a pending one needs to be repeated or taken back stands in one JSON column, and leaves it once it is decided.

use kernel::{CheckoutId, OrganisationId, PaymentId, Time};
use store::{Aggregate, Corrupt, Document, Stored, parse};

use crate::domain::Checkout;

const TABLE: &str = "checkouts";

pub(crate) mod row {
    //! The table `checkouts`.

    use sea_orm::entity::prelude::*;
    use store::Document;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "checkouts")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: Uuid,
        pub(crate) version: i64,
        pub(crate) owner: Uuid,
        pub(crate) payment: Uuid,
        pub(crate) currency: String,
        pub(crate) quotations: Document,
        pub(crate) payment_deadline: i64,
        pub(crate) created: i64,
        pub(crate) progress: Document,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl Aggregate for Checkout {
    type Id = CheckoutId;
    type Entity = row::Entity;
    const KIND: &'static str = "checkout";

    fn id(&self) -> CheckoutId {
        self.id
    }

    fn from_row(row: row::Model) -> Result<Stored<Self>, Corrupt> {
        let checkout = Self {
            id: CheckoutId::from_uuid(row.id),
            buyer: OrganisationId::from_uuid(row.owner),
            payment: PaymentId::from_uuid(row.payment),
            currency: parse(TABLE, &row.currency)?,
            quotations: row.quotations.read(TABLE)?,
            payment_deadline: Time::from_micros(row.payment_deadline),
            created: Time::from_micros(row.created),
            progress: row.progress.read(TABLE)?,
        };
        Ok(Stored::new(row.version, checkout))
    }

    fn to_row(&self, version: i64) -> row::Model {
        row::Model {
            id: self.id.uuid(),
            version,
            owner: self.buyer.uuid(),
            payment: self.payment.uuid(),
            currency: self.currency.code().to_owned(),
            quotations: Document::of(&self.quotations),
            payment_deadline: self.payment_deadline.micros(),
            created: self.created.micros(),
            progress: Document::of(&self.progress),
        }
    }
}
