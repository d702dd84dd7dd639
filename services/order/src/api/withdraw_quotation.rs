//! The seller takes a quotation back.

use proto::order::v1::{Quotation as QuotationMessage, WithdrawQuotationRequest};
use runtime::auth::principal;
use store::Cause;
use tonic::{Request, Status};

use super::{
    Api,
    end_quotation::{Meant, end},
};
use crate::domain::Quotation;

pub(super) async fn handle(api: &Api, request: &Request<WithdrawQuotationRequest>) -> Result<QuotationMessage, Status> {
    let organisation = principal(request)?.organisation;
    let request = request.get_ref();
    let cause = Cause::request(organisation, "WithdrawQuotation", &request.request_id, request);
    let meant = Meant {
        quotation_id: &request.quotation_id,
        etag: &request.etag,
    };
    Ok(end(api, organisation, cause, meant, Quotation::withdraw).await?)
}
