//! Pending transfers, each beside its row in the journal: what became of them, for those who resolve them.

use kernel::{LedgerAccountId, TransferId};
use store::{Aggregate, Corrupt, Stored};

use crate::domain::pending::Pending;

pub(crate) mod row {
    //! The table `pending_transfers`.

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "pending_transfers")]
    pub(crate) struct Model {
        /// The pending transfer's own id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: Uuid,
        pub(crate) version: i64,
        pub(crate) debit: Uuid,
        pub(crate) credit: Uuid,
        pub(crate) amount: i64,
        /// The transfer that posted or voided it.
        pub(crate) resolved_by: Option<Uuid>,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl Aggregate for Pending {
    type Id = TransferId;
    type Entity = row::Entity;
    const KIND: &'static str = "pending_transfer";

    fn id(&self) -> TransferId {
        self.id
    }

    fn from_row(row: row::Model) -> Result<Stored<Self>, Corrupt> {
        let pending = Self {
            id: TransferId::from_uuid(row.id),
            debit: LedgerAccountId::from_uuid(row.debit),
            credit: LedgerAccountId::from_uuid(row.credit),
            amount: row.amount,
            resolved_by: row.resolved_by.map(TransferId::from_uuid),
        };
        Ok(Stored::new(row.version, pending))
    }

    fn to_row(&self, version: i64) -> row::Model {
        row::Model {
            id: self.id.uuid(),
            version,
            debit: self.debit.uuid(),
            credit: self.credit.uuid(),
            amount: self.amount,
            resolved_by: self.resolved_by.map(TransferId::uuid),
        }
    }
}
