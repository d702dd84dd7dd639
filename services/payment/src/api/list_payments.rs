//! The acting organisation's payments, newest first.

use kernel::PageToken;
use proto::payment::v1::{ListPaymentsRequest, ListPaymentsResponse};
use runtime::{Violations, auth::principal};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use store::{Aggregate, Error};
use tonic::{Request, Status};

use super::{Api, present};
use crate::{
    domain::{Refusal, intent::Intent},
    store::intent::row,
};

pub(super) async fn handle(api: &Api, request: &Request<ListPaymentsRequest>) -> Result<ListPaymentsResponse, Status> {
    let principal = principal(request)?;
    let request = request.get_ref();
    let list = ("payments", principal.organisation);
    let mut check = Violations::new();
    let (size, after) = check.page(request.page_size, &request.page_token, &list);
    check.check()?;
    let mut select = row::Entity::find().filter(row::Column::Owner.eq(principal.organisation.uuid()));
    if let Some(after) = after {
        select = select.filter(row::Column::Id.lt(after.id));
    }
    let rows = select
        .order_by_desc(row::Column::Id)
        .limit(size + 1)
        .all(api.store.db())
        .await
        .map_err(Error::<Refusal>::from)?;
    let more = rows.len() as u64 > size;
    let page = rows
        .into_iter()
        .take(size as usize)
        .map(Intent::from_row)
        .collect::<Result<Vec<_>, _>>();
    let page = page.map_err(Error::<Refusal>::from)?;
    let next = page.last().filter(|_| more).map(|last| {
        PageToken {
            position: 0,
            id: last.id.uuid(),
        }
        .encode(&list)
    });
    Ok(ListPaymentsResponse {
        payments: page.iter().map(present::payment).collect(),
        next_page_token: next.unwrap_or_default(),
    })
}
