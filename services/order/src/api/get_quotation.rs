//! A quotation, for its seller and its buyer.

use kernel::QuotationId;
use proto::order::v1::{GetQuotationRequest, Quotation as QuotationMessage};
use runtime::{auth::principal, parse_id};
use tonic::{Request, Status};

use super::{Api, present, read};

pub(super) async fn handle(api: &Api, request: &Request<GetQuotationRequest>) -> Result<QuotationMessage, Status> {
    let principal = principal(request)?;
    let id = parse_id::<QuotationId>("quotation_id", &request.get_ref().quotation_id)?;
    let quotation = read::quotation(api, principal.organisation, id).await?;
    Ok(present::quotation(&quotation))
}
