//! Payouts.

use kernel::{Money, OrganisationId, PayoutId, Time};
use store::{Aggregate, Corrupt, Stored, parse};

use crate::domain::payout::{Payout, State};

pub(crate) mod row {
    //! The table `payouts`.

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "payouts")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: Uuid,
        pub(crate) version: i64,
        pub(crate) owner: Uuid,
        pub(crate) amount: i64,
        pub(crate) currency: String,
        pub(crate) bank_account_token: String,
        pub(crate) state: String,
        pub(crate) failure_reason: String,
        pub(crate) created: i64,
        pub(crate) updated: i64,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl Aggregate for Payout {
    type Id = PayoutId;
    type Entity = row::Entity;
    const KIND: &'static str = "payout";

    fn id(&self) -> PayoutId {
        self.id
    }

    fn from_row(row: row::Model) -> Result<Stored<Self>, Corrupt> {
        let currency = parse("payouts", &row.currency)?;
        let state = State::named(&row.state).ok_or_else(|| Corrupt::new("payouts", "state"))?;
        let requested = Self::request(
            PayoutId::from_uuid(row.id),
            OrganisationId::from_uuid(row.owner),
            Money::new(row.amount, currency),
            row.bank_account_token,
            Time::from_micros(row.created),
        );
        let payout = requested.restored(state, row.failure_reason, Time::from_micros(row.updated));
        Ok(Stored::new(row.version, payout))
    }

    fn to_row(&self, version: i64) -> row::Model {
        row::Model {
            id: self.id.uuid(),
            version,
            owner: self.owner.uuid(),
            amount: self.amount.minor_units(),
            currency: self.amount.currency().code().to_owned(),
            bank_account_token: self.bank_account_token.clone(),
            state: self.state().name().to_owned(),
            failure_reason: self.failure_reason().to_owned(),
            created: self.created.micros(),
            updated: self.updated().micros(),
        }
    }
}
