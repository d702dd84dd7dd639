//! Imports, in the table `imports`.

use kernel::{ImportId, OrganisationId, StoreId, Time};
use store::{Aggregate, Corrupt, Stored};

use crate::domain::import::{Claim, Counts, Import, State};

pub(crate) mod row {
    //! The table `imports`.

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "imports")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: Uuid,
        pub(crate) version: i64,
        pub(crate) owner: Uuid,
        pub(crate) store: Uuid,
        pub(crate) state: String,
        pub(crate) listed: i64,
        pub(crate) changed: i64,
        pub(crate) unchanged: i64,
        pub(crate) rejected: i64,
        pub(crate) created: i64,
        pub(crate) updated: i64,
        /// The rows that are being taken in.
        pub(crate) claim: Option<Uuid>,
        /// Since when.
        pub(crate) claimed: Option<i64>,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl Aggregate for Import {
    type Id = ImportId;
    type Entity = row::Entity;
    const KIND: &'static str = "import";

    fn id(&self) -> ImportId {
        self.id
    }

    fn from_row(row: row::Model) -> Result<Stored<Self>, Corrupt> {
        let import = Self {
            id: ImportId::from_uuid(row.id),
            owner: OrganisationId::from_uuid(row.owner),
            shop: StoreId::from_uuid(row.store),
            state: State::named(&row.state).ok_or_else(|| Corrupt::new("imports", "state"))?,
            counts: Counts {
                listed: row.listed,
                changed: row.changed,
                unchanged: row.unchanged,
                rejected: row.rejected,
            },
            claim: row.claim.zip(row.claimed).map(|(content, since)| Claim {
                content,
                since: Time::from_micros(since),
            }),
            created: Time::from_micros(row.created),
            updated: Time::from_micros(row.updated),
        };
        Ok(Stored::new(row.version, import))
    }

    fn to_row(&self, version: i64) -> row::Model {
        row::Model {
            id: self.id.uuid(),
            version,
            owner: self.owner.uuid(),
            store: self.shop.uuid(),
            state: self.state.name().to_owned(),
            listed: self.counts.listed,
            changed: self.counts.changed,
            unchanged: self.counts.unchanged,
            rejected: self.counts.rejected,
            created: self.created.micros(),
            updated: self.updated.micros(),
            claim: self.claim.map(|claim| claim.content),
            claimed: self.claim.map(|claim| claim.since.micros()),
        }
    }
}
