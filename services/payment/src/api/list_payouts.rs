//! The acting organisation's payouts, newest first.

use proto::payment::v1::{ListPayoutsRequest, ListPayoutsResponse};
use runtime::{Violations, auth::principal};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use tonic::{Request, Status};

use super::{Api, present};
use crate::{domain::payout::Payout, store::payout::row};

pub(super) async fn handle(api: &Api, request: &Request<ListPayoutsRequest>) -> Result<ListPayoutsResponse, Status> {
    let principal = principal(request)?;
    let request = request.get_ref();
    let mut check = Violations::new();
    let page = check.page(request.page_size, &request.page_token, ("payouts", principal.organisation));
    check.finish(())?;
    let select = row::Entity::find().filter(row::Column::Owner.eq(principal.organisation.uuid()));
    let (payouts, next_page_token) = api.store.newest::<Payout, _>(select, &page).await?;
    Ok(ListPayoutsResponse {
        payouts: payouts.iter().map(present::payout).collect(),
        next_page_token,
    })
}
