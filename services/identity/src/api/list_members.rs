//! The members of the acting organisation.

use kernel::{OrganisationId, PageToken};
use proto::identity::v1::{ListMembersRequest, ListMembersResponse};
use runtime::{Violations, auth::principal};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect};
use tonic::{Request, Status};

use super::{Api, must_act_for, present};
use crate::{
    domain::{Account, Membership},
    store::membership::{of_organisation, row},
};

pub(super) async fn handle(api: &Api, request: &Request<ListMembersRequest>) -> Result<ListMembersResponse, Status> {
    let principal = principal(request)?;
    let request = request.get_ref();
    let mut check = Violations::new();
    let id = check.id::<OrganisationId>("organisation_id", &request.organisation_id);
    let page = check.page(request.page_size, &request.page_token, ("members", &request.organisation_id));
    let id = check.finish(id)?;
    must_act_for(&principal, id)?;

    let mut select = of_organisation(id);
    if let Some(after) = page.after() {
        select = select.filter(row::Column::Id.gt(after.id));
    }
    let select = select.order_by_asc(row::Column::Id).limit(page.limit());
    let mut members = api.store.select::<Membership>(select).await?;
    let next_page_token = page.cut(&mut members, |member| PageToken::at(member.id));
    let accounts = api.store.get_all::<Account>(members.iter().map(|member| member.account)).await?;
    let name = |member: &Membership| {
        accounts
            .iter()
            .find(|account| account.id == member.account)
            .map_or("", |account| &account.display_name)
    };
    Ok(ListMembersResponse {
        members: members.iter().map(|member| present::member(member, name(member))).collect(),
        next_page_token,
    })
}
