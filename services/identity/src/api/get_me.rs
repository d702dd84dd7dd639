//! Who is signed in, and for whom they may act.

use proto::identity::v1::{GetMeRequest, Me, Membership as MembershipMessage};
use runtime::{Problem, auth::principal};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use tonic::{Request, Status};

use super::{Api, present};
use crate::{
    domain::{Account, Membership, Organisation},
    store::membership::row,
};

pub(super) async fn handle(api: &Api, request: &Request<GetMeRequest>) -> Result<Me, Status> {
    let principal = principal(request)?;
    let account = api
        .store
        .get::<Account>(principal.account)
        .await?
        .ok_or_else(|| Problem::not_found("account"))?;
    let active = row::Entity::find()
        .filter(row::Column::Account.eq(principal.account.uuid()))
        .filter(row::Column::Active.eq(true))
        .order_by_asc(row::Column::Id);
    let memberships = api.store.select::<Membership>(active).await?;
    let organisations = api
        .store
        .get_all::<Organisation>(memberships.iter().map(|membership| membership.organisation))
        .await?;
    let memberships = organisations.iter().filter_map(|organisation| {
        let membership = memberships.iter().find(|membership| membership.organisation == organisation.id)?;
        Some(MembershipMessage {
            organisation: Some(present::organisation(organisation)),
            role: present::role(membership.role).into(),
        })
    });
    Ok(Me {
        account: Some(present::account(&account)),
        acting_organisation_id: principal.organisation.to_string(),
        memberships: memberships.collect(),
    })
}
