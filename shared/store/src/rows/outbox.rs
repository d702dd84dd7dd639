//! Events that have happened, published or not yet.

use kernel::{EventId, OrganisationId, Time};
use sea_orm::entity::prelude::*;

use crate::{Fact, outbox::SHARDS};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "outbox")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    /// Which relay publishes it: aggregates are spread over shards, so that the order of each holds.
    pub(crate) shard: i16,
    pub(crate) subject: String,
    pub(crate) aggregate: Uuid,
    pub(crate) version: i64,
    /// TypeIDs, separated by commas.
    pub(crate) owners: String,
    pub(crate) traceparent: String,
    #[sea_orm(column_type = "Blob")]
    pub(crate) body: Vec<u8>,
    pub(crate) created: i64,
    /// When it was published; nothing until then.
    pub(crate) published: Option<i64>,
}

impl Model {
    pub(crate) fn new(id: EventId, fact: Fact, version: i64, now: Time, traceparent: Option<&str>) -> Self {
        let owners: Vec<String> = fact.owners.iter().map(OrganisationId::to_string).collect();
        Self {
            id: id.uuid(),
            shard: i16::from(fact.aggregate.as_bytes()[15]) % SHARDS,
            subject: fact.subject.to_owned(),
            aggregate: fact.aggregate,
            version,
            owners: owners.join(","),
            traceparent: traceparent.unwrap_or_default().to_owned(),
            body: fact.body,
            created: now.micros(),
            published: None,
        }
    }
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
