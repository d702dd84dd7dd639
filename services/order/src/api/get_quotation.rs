//! A quotation, for its seller and its buyer.

use proto::order::v1::{GetQuotationRequest, Quotation as QuotationMessage};
use runtime::auth::principal;
use tonic::{Request, Status};

use super::{Api, present, read};

pub(super) async fn handle(api: &Api, request: &Request<GetQuotationRequest>) -> Result<QuotationMessage, Status> {
    let principal = principal(request)?;
    let quotation = read::quotation(api, principal.organisation, &request.get_ref().quotation_id).await?;
    Ok(present::quotation(&quotation))
}
