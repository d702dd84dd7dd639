//! Who is signed in, and for whom they may act.

use std::collections::HashMap;

use proto::identity::v1::{GetMeRequest, Me, Membership as MembershipMessage};
use runtime::{Problem, auth::principal};
use sea_orm::QueryOrder;
use tonic::{Request, Status};

use super::{Api, present};
use crate::{
    domain::{Account, Membership, Organisation},
    store::membership::{of_account, row},
};

pub(super) async fn handle(api: &Api, request: &Request<GetMeRequest>) -> Result<Me, Status> {
    let principal = principal(request)?;
    let account = api
        .store
        .get::<Account>(principal.account)
        .await?
        .ok_or_else(|| Problem::not_found("account"))?;
    let active = of_account(principal.account).order_by_asc(row::Column::Id);
    let memberships = api.store.select::<Membership>(active).await?;
    let organisations = api
        .store
        .get_all::<Organisation>(memberships.iter().map(|membership| membership.organisation))
        .await?;
    let organisations: HashMap<_, _> = organisations.iter().map(|organisation| (organisation.id, organisation)).collect();
    let memberships = memberships.iter().filter_map(|membership| {
        Some(MembershipMessage {
            organisation: Some(present::organisation(organisations.get(&membership.organisation)?)),
            role: present::role(membership.role).into(),
        })
    });
    Ok(Me {
        account: Some(present::account(&account)),
        acting_organisation_id: principal.organisation.to_string(),
        memberships: memberships.collect(),
    })
}
