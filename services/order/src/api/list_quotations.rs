//! Quotations given or received by the acting organisation, newest first.

use kernel::PageToken;
use proto::order::v1::{ListQuotationsRequest, ListQuotationsResponse};
use runtime::{Violations, auth::principal};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use store::{Aggregate, Error};
use tonic::{Request, Status};

use super::{Api, list_orders::side, present};
use crate::{
    domain::{Party, Quotation, Refusal},
    store::quotation::row,
};

pub(super) async fn handle(api: &Api, request: &Request<ListQuotationsRequest>) -> Result<ListQuotationsResponse, Status> {
    let organisation = principal(request)?.organisation;
    let request = request.get_ref();
    let mut check = Violations::new();
    let side = side(&mut check, &request.side);
    let list = ("quotations", side == Party::Buyer, organisation);
    let (size, after) = check.page(request.page_size, &request.page_token, &list);
    check.check()?;

    let column = match side {
        Party::Buyer => row::Column::Buyer,
        Party::Seller => row::Column::Owner,
    };
    let mut select = row::Entity::find().filter(column.eq(organisation.uuid()));
    if let Some(after) = after {
        select = select.filter(row::Column::Id.lt(after.id));
    }
    let rows = select.order_by_desc(row::Column::Id).limit(size + 1).all(api.store.db()).await;
    let mut rows = rows.map_err(Error::<Refusal>::from)?;
    let more = rows.len() as u64 > size;
    rows.truncate(usize::try_from(size).unwrap_or(usize::MAX));
    let next = rows
        .last()
        .filter(|_| more)
        .map(|last| PageToken { position: 0, id: last.id }.encode(&list));
    let page = rows.into_iter().map(Quotation::from_row).collect::<Result<Vec<_>, _>>();
    let page = page.map_err(Error::<Refusal>::from)?;
    Ok(ListQuotationsResponse {
        quotations: page.iter().map(present::quotation).collect(),
        next_page_token: next.unwrap_or_default(),
    })
}
