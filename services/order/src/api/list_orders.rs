//! Orders bought or sold by the acting organisation, newest first.

use proto::order::v1::{ListOrdersRequest, ListOrdersResponse};
use runtime::auth::principal;
use tonic::{Request, Status};

use super::{Api, page, present};
use crate::{
    domain::{Order, Party},
    store::order::row::Column,
};

pub(super) async fn handle(api: &Api, request: &Request<ListOrdersRequest>) -> Result<ListOrdersResponse, Status> {
    let organisation = principal(request)?.organisation;
    let request = request.get_ref();
    let page = page::read("orders", organisation, (request.page_size, &request.page_token, &request.side))?;
    let party = match page.side {
        Party::Buyer => Column::Owner,
        Party::Seller => Column::Seller,
    };
    let (orders, next_page_token) = page.load::<Order, _>(api, organisation, party, Column::Id).await?;
    Ok(ListOrdersResponse {
        orders: orders.iter().map(present::order).collect(),
        next_page_token,
    })
}
