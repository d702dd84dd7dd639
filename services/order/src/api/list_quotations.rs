//! Quotations given or received by the acting organisation, newest first.

use proto::order::v1::{ListQuotationsRequest, ListQuotationsResponse};
use runtime::auth::principal;
use tonic::{Request, Status};

use super::{Api, page, present};
use crate::{
    domain::{Party, Quotation},
    store::quotation::row::Column,
};

pub(super) async fn handle(api: &Api, request: &Request<ListQuotationsRequest>) -> Result<ListQuotationsResponse, Status> {
    let organisation = principal(request)?.organisation;
    let request = request.get_ref();
    let page = page::read("quotations", organisation, (request.page_size, &request.page_token, &request.side))?;
    let party = match page.side {
        Party::Buyer => Column::Buyer,
        Party::Seller => Column::Owner,
    };
    let (quotations, next_page_token) = page.load::<Quotation, _>(api, organisation, party, Column::Id).await?;
    Ok(ListQuotationsResponse {
        quotations: quotations.iter().map(present::quotation).collect(),
        next_page_token,
    })
}
