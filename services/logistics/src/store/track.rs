//! Tracking numbers: whose they are.

use kernel::ParcelId;
use store::{Aggregate, Corrupt, Document, Stored, parse};

use crate::domain::Track;

pub(crate) mod row {
    //! The table `tracks`.

    use sea_orm::entity::prelude::*;
    use store::Document;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "tracks")]
    pub(crate) struct Model {
        /// The parcel's: it follows from the carrier and the number.
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: Uuid,
        pub(crate) version: i64,
        pub(crate) carrier: String,
        pub(crate) number: String,
        pub(crate) claim: Document,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl Aggregate for Track {
    type Id = ParcelId;
    type Entity = row::Entity;
    const KIND: &'static str = "track";

    fn id(&self) -> ParcelId {
        Track::id(self)
    }

    fn from_row(row: row::Model) -> Result<Stored<Self>, Corrupt> {
        let track = Self {
            carrier: row.carrier,
            number: parse("tracks", &row.number)?,
            claim: row.claim.read("tracks")?,
        };
        Ok(Stored::new(row.version, track))
    }

    fn to_row(&self, version: i64) -> row::Model {
        row::Model {
            id: Track::id(self).uuid(),
            version,
            carrier: self.carrier.clone(),
            number: self.number.to_string(),
            claim: Document::of(&self.claim),
        }
    }
}
