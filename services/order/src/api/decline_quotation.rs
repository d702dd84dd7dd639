//! The buyer says no to a quotation.

use proto::order::v1::{DeclineQuotationRequest, Quotation as QuotationMessage};
use runtime::auth::principal;
use store::Cause;
use tonic::{Request, Status};

use super::{Api, end_quotation::end};
use crate::domain::{Party, Quotation};

pub(super) async fn handle(api: &Api, request: &Request<DeclineQuotationRequest>) -> Result<QuotationMessage, Status> {
    let organisation = principal(request)?.organisation;
    let request = request.get_ref();
    let cause = Cause::request(organisation, "DeclineQuotation", &request.request_id, request);
    let named = (request.quotation_id.as_str(), request.etag.as_str());
    Ok(end(api, organisation, cause, named, Party::Buyer, Quotation::decline).await?)
}
