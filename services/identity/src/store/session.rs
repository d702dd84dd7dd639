//! Sessions.

use kernel::{AccountId, OrganisationId, SessionId, Time};
use store::{Aggregate, Corrupt, Stored};

use crate::domain::{Session, secret::Key};

pub(crate) mod row {
    //! The table `sessions`.

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "sessions")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: Uuid,
        pub(crate) version: i64,
        pub(crate) owner: Uuid,
        pub(crate) account: Uuid,
        #[sea_orm(column_type = "Blob")]
        pub(crate) token: Vec<u8>,
        #[sea_orm(column_type = "Blob", nullable)]
        pub(crate) secrets_key: Option<Vec<u8>>,
        pub(crate) expires: i64,
        pub(crate) ended: bool,
        pub(crate) passwords: i32,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl Aggregate for Session {
    type Id = SessionId;
    type Entity = row::Entity;
    const KIND: &'static str = "session";

    fn id(&self) -> SessionId {
        self.id
    }

    fn from_row(row: row::Model) -> Result<Stored<Self>, Corrupt> {
        let session = Self {
            id: SessionId::from_uuid(row.id),
            account: AccountId::from_uuid(row.account),
            organisation: OrganisationId::from_uuid(row.owner),
            token: row.token.try_into().map_err(|_| Corrupt::new("sessions", "token"))?,
            key: row
                .secrets_key
                .map(|key| key.try_into().map(Key).map_err(|_| Corrupt::new("sessions", "secrets_key")))
                .transpose()?,
            expires: Time::from_micros(row.expires),
            ended: row.ended,
            passwords: row.passwords,
        };
        Ok(Stored::new(row.version, session))
    }

    fn to_row(&self, version: i64) -> row::Model {
        row::Model {
            id: self.id.uuid(),
            version,
            owner: self.organisation.uuid(),
            account: self.account.uuid(),
            token: self.token.to_vec(),
            secrets_key: self.key.map(|Key(key)| key.to_vec()),
            expires: self.expires.micros(),
            ended: self.ended,
            passwords: self.passwords,
        }
    }
}
