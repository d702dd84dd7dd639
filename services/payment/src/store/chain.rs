//! The chain of seals and where it stands.

use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use store::{Aggregate, Corrupt, Store, Stored};
use uuid::Uuid;

use crate::domain::seal::{Chain, Hash, Position, Seal};

kernel::id!(/** The ledger has one chain. */ ChainId, "chn");

impl ChainId {
    /// The only one.
    pub(crate) const fn only() -> Self {
        Self::from_uuid(Uuid::nil())
    }
}

pub(crate) mod row {
    //! The table `chains`.

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "chains")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: Uuid,
        pub(crate) version: i64,
        pub(crate) number: i64,
        #[sea_orm(column_type = "Blob")]
        pub(crate) hash: Vec<u8>,
        pub(crate) sealed_created: i64,
        pub(crate) sealed_transfer: Uuid,
        pub(crate) swept_created: i64,
        pub(crate) swept_transfer: Uuid,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod seal {
    //! The table `seals`. Rows are only ever added; the database refuses anything else.

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "seals")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) number: i64,
        #[sea_orm(column_type = "Blob")]
        pub(crate) previous: Vec<u8>,
        #[sea_orm(column_type = "Blob")]
        pub(crate) hash: Vec<u8>,
        /// Of each transfer its id and hash.
        #[sea_orm(column_type = "Blob")]
        pub(crate) members: Vec<u8>,
        /// When the oldest of its transfers was made.
        pub(crate) first_created: i64,
        /// And the newest.
        pub(crate) last_created: i64,
        pub(crate) created: i64,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl Aggregate for Chain {
    type Id = ChainId;
    type Entity = row::Entity;
    const KIND: &'static str = "chain";

    fn id(&self) -> ChainId {
        ChainId::only()
    }

    fn from_row(row: row::Model) -> Result<Stored<Self>, Corrupt> {
        let hash = Hash::try_from(row.hash).map_err(|_| Corrupt::new("chains", "hash"))?;
        let at = |created, transfer| Position { created, transfer };
        let chain = Self {
            number: row.number,
            hash,
            sealed: at(row.sealed_created, row.sealed_transfer),
            swept: at(row.swept_created, row.swept_transfer),
        };
        Ok(Stored::new(row.version, chain))
    }

    fn to_row(&self, version: i64) -> row::Model {
        row::Model {
            id: ChainId::only().uuid(),
            version,
            number: self.number,
            hash: self.hash.to_vec(),
            sealed_created: self.sealed.created,
            sealed_transfer: self.sealed.transfer,
            swept_created: self.swept.created,
            swept_transfer: self.swept.transfer,
        }
    }
}

/// The seals after this one, in their order. A hash that is none becomes zeros, which fit nothing.
pub(crate) async fn seals_after(store: &Store, number: i64, limit: u64) -> Result<Vec<Seal>, DbErr> {
    let rows = seal::Entity::find()
        .filter(seal::Column::Number.gt(number))
        .order_by_asc(seal::Column::Number)
        .limit(limit)
        .all(store.db())
        .await?;
    Ok(rows.into_iter().map(present).collect())
}

/// The seals that may hold transfers made between these times.
pub(crate) async fn seals_between(store: &Store, first: i64, last: i64) -> Result<Vec<Seal>, DbErr> {
    let rows = seal::Entity::find()
        .filter(seal::Column::LastCreated.gte(first))
        .filter(seal::Column::FirstCreated.lte(last))
        .all(store.db())
        .await?;
    Ok(rows.into_iter().map(present).collect())
}

fn present(row: seal::Model) -> Seal {
    Seal {
        number: row.number,
        previous: row.previous.try_into().unwrap_or_default(),
        hash: row.hash.try_into().unwrap_or_default(),
        members: row.members,
    }
}
