//! Wrong passwords for addresses that have no account, in the table `tallies`. Nobody reads them.
//!
//! A wrong password for an account is a write, and without another one its answer would come later than those for addresses that nobody
//! has, so that who asks could tell the two apart. All addresses share a few rows: whoever tries very many fills no table.

use kernel::uuid::Uuid;
use store::{Aggregate, Corrupt, Stored};

use crate::domain::Email;

kernel::id!(/** One of 256 tallies. */ TallyId, "tly");

/// How many wrong passwords were counted here.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tally {
    pub(crate) id: TallyId,
    pub(crate) tries: i64,
}

impl Tally {
    /// Where those for this address are counted.
    pub(crate) fn id_of(email: &Email) -> TallyId {
        let digest = Uuid::new_v5(&Uuid::nil(), email.as_str().as_bytes());
        let [.., place] = digest.into_bytes();
        TallyId::from_uuid(Uuid::from_u128(place.into()))
    }
}

pub(crate) mod row {
    //! The table `tallies`.

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "tallies")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: Uuid,
        pub(crate) version: i64,
        pub(crate) tries: i64,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl Aggregate for Tally {
    type Id = TallyId;
    type Entity = row::Entity;
    const KIND: &'static str = "tally";

    fn id(&self) -> TallyId {
        self.id
    }

    fn from_row(row: row::Model) -> Result<Stored<Self>, Corrupt> {
        let tally = Self {
            id: TallyId::from_uuid(row.id),
            tries: row.tries,
        };
        Ok(Stored::new(row.version, tally))
    }

    fn to_row(&self, version: i64) -> row::Model {
        row::Model {
            id: self.id.uuid(),
            version,
            tries: self.tries,
        }
    }
}
