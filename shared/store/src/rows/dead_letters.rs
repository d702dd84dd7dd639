//! Messages that a consumer could not digest, and those that wait behind them.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "dead_letters")]
pub(crate) struct Model {
    /// Of the consumer and the event together.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) consumer: String,
    pub(crate) event: Uuid,
    pub(crate) subject: String,
    pub(crate) aggregate: Uuid,
    pub(crate) version: i64,
    pub(crate) owners: String,
    pub(crate) traceparent: String,
    pub(crate) occurred: i64,
    #[sea_orm(column_type = "Blob")]
    pub(crate) body: Vec<u8>,
    /// What went wrong; empty for a letter that only waits behind another of its aggregate.
    pub(crate) error: String,
    pub(crate) created: i64,
    /// How often it was tried.
    pub(crate) tries: i32,
    /// When it was tried the last time; 0 for a letter that only waits.
    pub(crate) tried: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
