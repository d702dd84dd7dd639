//! Orders bought or sold by the acting organisation, newest first.

use proto::order::v1::{ListOrdersRequest, ListOrdersResponse};
use runtime::auth::principal;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use tonic::{Request, Status};

use super::{Api, present, side};
use crate::{
    domain::{Order, Party},
    store::order::row::{Column, Entity},
};

pub(super) async fn handle(api: &Api, request: &Request<ListOrdersRequest>) -> Result<ListOrdersResponse, Status> {
    let organisation = principal(request)?.organisation;
    let request = request.get_ref();
    let (side, page) = side::read("orders", organisation, &request.side, request.page_size, &request.page_token)?;
    let column = match side {
        Party::Buyer => Column::Owner,
        Party::Seller => Column::Seller,
    };
    let select = Entity::find().filter(column.eq(organisation.uuid()));
    let (orders, next_page_token) = api.store.newest::<Order, _>(select, &page).await?;
    Ok(ListOrdersResponse {
        orders: orders.iter().map(present::order).collect(),
        next_page_token,
    })
}
