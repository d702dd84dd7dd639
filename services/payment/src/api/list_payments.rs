//! The acting organisation's payments, newest first.

use proto::payment::v1::{ListPaymentsRequest, ListPaymentsResponse};
use runtime::{Violations, auth::principal};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use store::page;
use tonic::{Request, Status};

use super::{Api, present};
use crate::{domain::intent::Intent, store::intent::row};

pub(super) async fn handle(api: &Api, request: &Request<ListPaymentsRequest>) -> Result<ListPaymentsResponse, Status> {
    let principal = principal(request)?;
    let request = request.get_ref();
    let list = ("payments", principal.organisation);
    let mut check = Violations::new();
    let (size, after) = check.page(request.page_size, &request.page_token, &list);
    check.check()?;
    let own = row::Entity::find().filter(row::Column::Owner.eq(principal.organisation.uuid()));
    let select = page::newest_first(own, row::Column::Id, after, size);
    let mut payments = api.store.select::<Intent>(select).await?;
    let next_page_token = page::cut(&mut payments, size, &list, |payment| (0, payment.id.uuid()));
    Ok(ListPaymentsResponse {
        payments: payments.iter().map(present::payment).collect(),
        next_page_token,
    })
}
