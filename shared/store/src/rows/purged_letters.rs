//! Dead letters that an operator gave up, and why.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "purged_letters")]
pub(crate) struct Model {
    /// The letter's own.
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
    pub(crate) error: String,
    pub(crate) tries: i32,
    pub(crate) tried: i64,
    pub(crate) created: i64,
    pub(crate) reason: String,
    /// Who gave it up.
    pub(crate) account: Uuid,
    pub(crate) purged: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
