//! Quotations given or received by the acting organisation, newest first.

use proto::order::v1::{ListQuotationsRequest, ListQuotationsResponse};
use runtime::auth::principal;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use tonic::{Request, Status};

use super::{Api, present, side};
use crate::{
    domain::{Party, Quotation},
    store::quotation::row::{Column, Entity},
};

pub(super) async fn handle(api: &Api, request: &Request<ListQuotationsRequest>) -> Result<ListQuotationsResponse, Status> {
    let organisation = principal(request)?.organisation;
    let request = request.get_ref();
    let (side, page) = side::read("quotations", organisation, &request.side, request.page_size, &request.page_token)?;
    let column = match side {
        Party::Buyer => Column::Buyer,
        Party::Seller => Column::Owner,
    };
    let select = Entity::find().filter(column.eq(organisation.uuid()));
    let (quotations, next_page_token) = api.store.newest::<Quotation, _>(select, &page).await?;
    Ok(ListQuotationsResponse {
        quotations: quotations.iter().map(present::quotation).collect(),
        next_page_token,
    })
}
