//! The journal: transfers and the entries that they leave. Rows are only ever added; the database refuses anything else.

pub(crate) mod transfer {
    //! The table `transfers`.

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "transfers")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: Uuid,
        pub(crate) mode: String,
        pub(crate) debit: Uuid,
        pub(crate) credit: Uuid,
        pub(crate) currency: String,
        pub(crate) amount: i64,
        pub(crate) code: String,
        pub(crate) reference: Uuid,
        pub(crate) created: i64,
        /// Where its entry stands in the debited account's history.
        pub(crate) debit_number: i64,
        /// As `debit_number`, in the credited account's.
        pub(crate) credit_number: i64,
        /// Which pending transfer it posts or voids.
        pub(crate) pending_id: Option<Uuid>,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod entry {
    //! The table `entries`: one side of a transfer, with the account's balances after it.

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "entries")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) account: Uuid,
        /// Its place in the account's history: 1, 2, 3 …
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) number: i64,
        pub(crate) transfer: Uuid,
        pub(crate) created: i64,
        /// Positive for a credit, negative for a debit, in minor units; what is pending changes nothing here.
        pub(crate) change: i64,
        pub(crate) debits_pending: i64,
        pub(crate) debits_posted: i64,
        pub(crate) credits_pending: i64,
        pub(crate) credits_posted: i64,
        pub(crate) code: String,
        pub(crate) reference: Uuid,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
