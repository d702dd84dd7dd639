//! The members of the acting organisation.

use kernel::{OrganisationId, PageToken};
use proto::identity::v1::{ListMembersRequest, ListMembersResponse};
use runtime::{Violations, auth::principal};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use store::{Aggregate, Error};
use tonic::{Request, Status};

use super::{Api, must_act_for, present};
use crate::{
    domain::{Account, Membership, Refusal},
    store::membership::row,
};

pub(super) async fn handle(api: &Api, request: &Request<ListMembersRequest>) -> Result<ListMembersResponse, Status> {
    let principal = principal(request)?;
    let request = request.get_ref();
    let list = ("members", &request.organisation_id);
    let mut check = Violations::new();
    let id = check.id::<OrganisationId>("organisation_id", &request.organisation_id);
    let (size, after) = check.page(request.page_size, &request.page_token, &list);
    check.check()?;
    let id = id.expect("a missing id ended the request");
    must_act_for(&principal, id)?;

    let mut select = row::Entity::find()
        .filter(row::Column::Owner.eq(id.uuid()))
        .filter(row::Column::Active.eq(true));
    if let Some(after) = after {
        select = select.filter(row::Column::Id.gt(after.id));
    }
    let rows = select
        .order_by_asc(row::Column::Id)
        .limit(size + 1)
        .all(api.store.db())
        .await
        .map_err(Error::<Refusal>::from)?;
    let more = rows.len() as u64 > size;
    let page = rows
        .into_iter()
        .take(size as usize)
        .map(Membership::from_row)
        .collect::<Result<Vec<_>, _>>();
    let page = page.map_err(Error::<Refusal>::from)?;
    let accounts = api.store.get_all::<Account>(page.iter().map(|member| member.account)).await?;
    let name = |member: &Membership| {
        accounts
            .iter()
            .find(|account| account.id == member.account)
            .map_or("", |account| &account.display_name)
    };
    let last = page.last().filter(|_| more).map(|last| {
        PageToken {
            position: 0,
            id: last.id.uuid(),
        }
        .encode(&list)
    });
    Ok(ListMembersResponse {
        members: page.iter().map(|member| present::member(member, name(member))).collect(),
        next_page_token: last.unwrap_or_default(),
    })
}
