//! The acting organisation's payouts, newest first.

use proto::payment::v1::{ListPayoutsRequest, ListPayoutsResponse};
use runtime::{Violations, auth::principal};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use store::page;
use tonic::{Request, Status};

use super::{Api, present};
use crate::{domain::payout::Payout, store::payout::row};

pub(super) async fn handle(api: &Api, request: &Request<ListPayoutsRequest>) -> Result<ListPayoutsResponse, Status> {
    let principal = principal(request)?;
    let request = request.get_ref();
    let list = ("payouts", principal.organisation);
    let mut check = Violations::new();
    let (size, after) = check.page(request.page_size, &request.page_token, &list);
    check.check()?;
    let own = row::Entity::find().filter(row::Column::Owner.eq(principal.organisation.uuid()));
    let select = page::newest_first(own, row::Column::Id, after, size);
    let mut payouts = api.store.select::<Payout>(select).await?;
    let next_page_token = page::cut(&mut payouts, size, &list, |payout| (0, payout.id.uuid()));
    Ok(ListPayoutsResponse {
        payouts: payouts.iter().map(present::payout).collect(),
        next_page_token,
    })
}
