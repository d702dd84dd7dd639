//! The buyer says no to a quotation.

use proto::order::v1::{DeclineQuotationRequest, Quotation as QuotationMessage};
use runtime::auth::principal;
use store::Cause;
use tonic::{Request, Status};

use super::{
    Api,
    end_quotation::{Meant, end},
};
use crate::domain::Quotation;

pub(super) async fn handle(api: &Api, request: &Request<DeclineQuotationRequest>) -> Result<QuotationMessage, Status> {
    let organisation = principal(request)?.organisation;
    let request = request.get_ref();
    let cause = Cause::request(organisation, "DeclineQuotation", &request.request_id, request);
    let meant = Meant {
        quotation_id: &request.quotation_id,
        etag: &request.etag,
    };
    Ok(end(api, organisation, cause, meant, Quotation::decline).await?)
}
