//! Accounts of the ledger and their balances.

use kernel::{LedgerAccountId, OrganisationId};
use store::{Aggregate, Corrupt, Stored, parse};

use crate::domain::account::{Account, AccountKey, Kind};

pub(crate) mod row {
    //! The table `accounts`.

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "accounts")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: Uuid,
        pub(crate) version: i64,
        pub(crate) owner: Uuid,
        pub(crate) kind: String,
        pub(crate) currency: String,
        /// Whether the database refuses debits beyond the credits.
        pub(crate) bounded: bool,
        pub(crate) debits_pending: i64,
        pub(crate) debits_posted: i64,
        pub(crate) credits_pending: i64,
        pub(crate) credits_posted: i64,
        pub(crate) entries: i64,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl Aggregate for Account {
    type Id = LedgerAccountId;
    type Entity = row::Entity;
    const KIND: &'static str = "account";

    fn id(&self) -> LedgerAccountId {
        self.key.id
    }

    fn from_row(row: row::Model) -> Result<Stored<Self>, Corrupt> {
        let key = AccountKey {
            id: LedgerAccountId::from_uuid(row.id),
            kind: Kind::named(&row.kind).ok_or_else(|| Corrupt::new("accounts", "kind"))?,
            owner: OrganisationId::from_uuid(row.owner),
            currency: parse("accounts", &row.currency)?,
        };
        let account = Self {
            key,
            debits_pending: row.debits_pending,
            debits_posted: row.debits_posted,
            credits_pending: row.credits_pending,
            credits_posted: row.credits_posted,
            entries: row.entries,
        };
        Ok(Stored::new(row.version, account))
    }

    fn to_row(&self, version: i64) -> row::Model {
        row::Model {
            id: self.key.id.uuid(),
            version,
            owner: self.key.owner.uuid(),
            kind: self.key.kind.name().to_owned(),
            currency: self.key.currency.code().to_owned(),
            bounded: self.key.kind.bounded(),
            debits_pending: self.debits_pending,
            debits_posted: self.debits_posted,
            credits_pending: self.credits_pending,
            credits_posted: self.credits_posted,
            entries: self.entries,
        }
    }
}
