//! Signing keys, one for each period. They never change.

use kernel::Time;
use store::{Aggregate, Corrupt, Stored};

kernel::id!(/** A signing key, derived from its period. */ SigningKeyId, "key");

/// A key as it is stored: encrypted when a secret is configured.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SealedKey {
    pub(crate) id: SigningKeyId,
    /// How many periods after 1970 it signs.
    pub(crate) period: i64,
    pub(crate) sealed: Vec<u8>,
    pub(crate) created: Time,
}

pub(crate) mod row {
    //! The table `signing_keys`.

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "signing_keys")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: Uuid,
        pub(crate) version: i64,
        pub(crate) period: i64,
        #[sea_orm(column_type = "Blob")]
        pub(crate) sealed: Vec<u8>,
        pub(crate) created: i64,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl Aggregate for SealedKey {
    type Id = SigningKeyId;
    type Entity = row::Entity;
    const KIND: &'static str = "signing_key";

    fn id(&self) -> SigningKeyId {
        self.id
    }

    fn from_row(row: row::Model) -> Result<Stored<Self>, Corrupt> {
        let id = SigningKeyId::from_uuid(row.id);
        let key = Self {
            id,
            period: row.period,
            sealed: row.sealed,
            created: Time::from_micros(row.created),
        };
        Ok(Stored::new(row.version, key))
    }

    fn to_row(&self, version: i64) -> row::Model {
        row::Model {
            id: self.id.uuid(),
            version,
            period: self.period,
            sealed: self.sealed.clone(),
            created: self.created.micros(),
        }
    }
}
