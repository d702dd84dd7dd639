//! Accounts, their personal data in few named columns.

use std::convert::Infallible;

use kernel::{AccountId, OrganisationId, Time};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use store::{Aggregate, Corrupt, Error, Store, Stored};

use crate::domain::{Account, Email, tries::Tries};

pub(crate) mod row {
    //! The table `accounts`.

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "accounts")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: Uuid,
        pub(crate) version: i64,
        pub(crate) owner: Uuid,
        pub(crate) email: String,
        pub(crate) password_hash: String,
        pub(crate) display_name: String,
        pub(crate) country: String,
        pub(crate) created: i64,
        pub(crate) failed_sign_ins: i32,
        pub(crate) closed_until: i64,
        pub(crate) passwords: i32,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl Aggregate for Account {
    type Id = AccountId;
    type Entity = row::Entity;
    const KIND: &'static str = "account";

    fn id(&self) -> AccountId {
        self.id
    }

    fn from_row(row: row::Model) -> Result<Stored<Self>, Corrupt> {
        let account = Self {
            id: AccountId::from_uuid(row.id),
            email: Email::parse(&row.email).ok_or_else(|| Corrupt::new("accounts", "e-mail address"))?,
            password_hash: row.password_hash,
            display_name: row.display_name,
            country: row.country,
            personal_organisation: OrganisationId::from_uuid(row.owner),
            created: Time::from_micros(row.created),
            tries: Tries {
                failed: row.failed_sign_ins.unsigned_abs(),
                closed_until: Time::from_micros(row.closed_until),
            },
            passwords: row.passwords,
        };
        Ok(Stored::new(row.version, account))
    }

    fn to_row(&self, version: i64) -> row::Model {
        row::Model {
            id: self.id.uuid(),
            version,
            owner: self.personal_organisation.uuid(),
            email: self.email.as_str().to_owned(),
            password_hash: self.password_hash.clone(),
            display_name: self.display_name.clone(),
            country: self.country.clone(),
            created: self.created.micros(),
            failed_sign_ins: i32::try_from(self.tries.failed).unwrap_or(i32::MAX),
            closed_until: self.tries.closed_until.micros(),
            passwords: self.passwords,
        }
    }
}

/// The account that signs in with this address, if there is one.
pub(crate) async fn with_email(store: &Store, email: &Email) -> Result<Option<Stored<Account>>, Error<Infallible>> {
    let query = row::Entity::find().filter(row::Column::Email.eq(email.as_str()));
    Ok(store.select::<Account>(query).await?.pop())
}
