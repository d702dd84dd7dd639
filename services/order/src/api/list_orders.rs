//! Orders bought or sold by the acting organisation, newest first.

use kernel::PageToken;
use proto::order::v1::{ListOrdersRequest, ListOrdersResponse};
use runtime::{Violations, auth::principal};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use store::{Aggregate, Error};
use tonic::{Request, Status};

use super::{Api, present};
use crate::{
    domain::{Order, Party, Refusal},
    store::order::row,
};

pub(super) async fn handle(api: &Api, request: &Request<ListOrdersRequest>) -> Result<ListOrdersResponse, Status> {
    let organisation = principal(request)?.organisation;
    let request = request.get_ref();
    let mut check = Violations::new();
    let side = side(&mut check, &request.side);
    let list = ("orders", side == Party::Buyer, organisation);
    let (size, after) = check.page(request.page_size, &request.page_token, &list);
    check.check()?;

    let column = match side {
        Party::Buyer => row::Column::Owner,
        Party::Seller => row::Column::Seller,
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
    let page = rows.into_iter().map(Order::from_row).collect::<Result<Vec<_>, _>>();
    let page = page.map_err(Error::<Refusal>::from)?;
    Ok(ListOrdersResponse {
        orders: page.iter().map(present::order).collect(),
        next_page_token: next.unwrap_or_default(),
    })
}

/// Whose list it is; the buyer's when the request does not say.
pub(super) fn side(check: &mut Violations, side: &str) -> Party {
    match side {
        "" | "buyer" => Party::Buyer,
        "seller" => Party::Seller,
        _ => {
            check.add("side", "must be `buyer` or `seller`");
            Party::Buyer
        }
    }
}
