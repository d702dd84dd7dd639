//! The acting organisation's payments, newest first.

use proto::payment::v1::{ListPaymentsRequest, ListPaymentsResponse};
use runtime::{Violations, auth::principal};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use tonic::{Request, Status};

use super::{Api, present};
use crate::{domain::intent::Intent, store::intent::row};

pub(super) async fn handle(api: &Api, request: &Request<ListPaymentsRequest>) -> Result<ListPaymentsResponse, Status> {
    let principal = principal(request)?;
    let request = request.get_ref();
    let mut check = Violations::new();
    let page = check.page(request.page_size, &request.page_token, ("payments", principal.organisation));
    check.finish(())?;
    let select = row::Entity::find().filter(row::Column::Owner.eq(principal.organisation.uuid()));
    let (payments, next_page_token) = api.store.newest::<Intent, _>(select, &page).await?;
    Ok(ListPaymentsResponse {
        payments: payments.iter().map(present::payment).collect(),
        next_page_token,
    })
}
