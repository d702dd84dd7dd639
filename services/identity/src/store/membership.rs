//! Memberships.

use std::convert::Infallible;

use kernel::{AccountId, OrganisationId, Time};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, Select};
use store::{Aggregate, Corrupt, Error, Store, Stored};

use crate::domain::{Membership, Role, membership::MembershipId};

pub(crate) mod row {
    //! The table `memberships`.

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "memberships")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: Uuid,
        pub(crate) version: i64,
        pub(crate) owner: Uuid,
        pub(crate) account: Uuid,
        pub(crate) role: String,
        pub(crate) active: bool,
        pub(crate) created: i64,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl Aggregate for Membership {
    type Id = MembershipId;
    type Entity = row::Entity;
    const KIND: &'static str = "membership";

    fn id(&self) -> MembershipId {
        self.id
    }

    fn from_row(row: row::Model) -> Result<Stored<Self>, Corrupt> {
        let membership = Self {
            id: MembershipId::from_uuid(row.id),
            organisation: OrganisationId::from_uuid(row.owner),
            account: AccountId::from_uuid(row.account),
            role: Role::named(&row.role).ok_or_else(|| Corrupt::new("memberships", "role"))?,
            active: row.active,
            created: Time::from_micros(row.created),
        };
        Ok(Stored::new(row.version, membership))
    }

    fn to_row(&self, version: i64) -> row::Model {
        row::Model {
            id: self.id.uuid(),
            version,
            owner: self.organisation.uuid(),
            account: self.account.uuid(),
            role: self.role.name().to_owned(),
            active: self.active,
            created: self.created.micros(),
        }
    }
}

/// The memberships by which somebody may act.
pub(crate) fn of_account(account: AccountId) -> Select<row::Entity> {
    active().filter(row::Column::Account.eq(account.uuid()))
}

/// The memberships of those who may act for an organisation.
pub(crate) fn of_organisation(organisation: OrganisationId) -> Select<row::Entity> {
    active().filter(row::Column::Owner.eq(organisation.uuid()))
}

/// How many there are. Those that are being added at the same moment are
/// not among them, so a limit that hangs on it may be passed by a few.
pub(crate) async fn count(store: &Store, memberships: Select<row::Entity>) -> Result<u64, Error<Infallible>> {
    Ok(memberships.count(store.db()).await?)
}

fn active() -> Select<row::Entity> {
    row::Entity::find().filter(row::Column::Active.eq(true))
}
