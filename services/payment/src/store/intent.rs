//! Payment intents.

use kernel::{CheckoutId, Money, OrganisationId, PaymentId, Time};
use store::{Aggregate, Corrupt, Document, Stored, parse};

use crate::domain::intent::{Intent, State};

pub(crate) mod row {
    //! The table `intents`.

    use sea_orm::entity::prelude::*;
    use store::Document;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "intents")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: Uuid,
        pub(crate) version: i64,
        /// The payer.
        pub(crate) owner: Uuid,
        pub(crate) checkout: Option<Uuid>,
        pub(crate) amount: i64,
        pub(crate) currency: String,
        pub(crate) orders: Document,
        pub(crate) state: String,
        pub(crate) attempts: i32,
        pub(crate) charges: Document,
        pub(crate) decline_reason: String,
        pub(crate) action_url: String,
        pub(crate) created: i64,
        pub(crate) updated: i64,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl Aggregate for Intent {
    type Id = PaymentId;
    type Entity = row::Entity;
    const KIND: &'static str = "intent";

    fn id(&self) -> PaymentId {
        self.id
    }

    fn from_row(row: row::Model) -> Result<Stored<Self>, Corrupt> {
        let mut intent = Self::open(
            PaymentId::from_uuid(row.id),
            OrganisationId::from_uuid(row.owner),
            row.checkout.map(CheckoutId::from_uuid),
            row.orders.read("intents")?,
            Money::new(row.amount, parse("intents", &row.currency)?),
            Time::from_micros(row.created),
        );
        intent.decline_reason = row.decline_reason;
        intent.action_url = row.action_url;
        intent.updated = Time::from_micros(row.updated);
        let state = State::named(&row.state).ok_or_else(|| Corrupt::new("intents", "state"))?;
        let (attempts, charges) = (row.attempts.unsigned_abs(), row.charges.read("intents")?);
        Ok(Stored::new(row.version, intent.restored(state, attempts, charges)))
    }

    fn to_row(&self, version: i64) -> row::Model {
        row::Model {
            id: self.id.uuid(),
            version,
            owner: self.payer.uuid(),
            checkout: self.checkout.map(CheckoutId::uuid),
            amount: self.amount.minor_units(),
            currency: self.amount.currency().code().to_owned(),
            orders: Document::of(&self.orders),
            state: self.state().name().to_owned(),
            attempts: i32::try_from(self.attempts()).unwrap_or(i32::MAX),
            charges: Document::of(&self.charges()),
            decline_reason: self.decline_reason.clone(),
            action_url: self.action_url.clone(),
            created: self.created.micros(),
            updated: self.updated.micros(),
        }
    }
}
