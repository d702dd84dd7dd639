//! Tracking numbers: whose they are.

use kernel::ParcelId;
use store::{Aggregate, Corrupt, Stored};

use super::{from_json, to_json};
use crate::domain::Track;

pub(crate) mod row {
    //! The table `tracks`.

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "tracks")]
    pub(crate) struct Model {
        /// The parcel's: it follows from the carrier and the number.
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: Uuid,
        pub(crate) version: i64,
        pub(crate) carrier: String,
        pub(crate) number: String,
        #[sea_orm(column_type = "JsonBinary")]
        pub(crate) claim: Json,
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
            number: row.number.parse().map_err(|error| Corrupt::new("tracks", error))?,
            claim: from_json("tracks", row.claim)?,
        };
        Ok(Stored::new(row.version, track))
    }

    fn to_row(&self, version: i64) -> row::Model {
        row::Model {
            id: Track::id(self).uuid(),
            version,
            carrier: self.carrier.clone(),
            number: self.number.to_string(),
            claim: to_json(&self.claim),
        }
    }
}
