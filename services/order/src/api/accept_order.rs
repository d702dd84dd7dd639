//! The buyer has the goods and is content. Allowed from hand-over on, because a carrier may forget to report a delivery.

use kernel::OrderId;
use proto::order::v1::{AcceptOrderRequest, Order as OrderMessage};
use runtime::{Violations, auth::principal};
use store::{Cause, Keys};
use tonic::{Request, Status};

use super::{Api, present, read};
use crate::{
    domain::{Order, Refusal},
    trade,
};

pub(super) async fn handle(api: &Api, request: &Request<AcceptOrderRequest>) -> Result<OrderMessage, Status> {
    let organisation = principal(request)?.organisation;
    let request = request.get_ref();
    let mut check = Violations::new();
    let id = check.id::<OrderId>("order_id", &request.order_id);
    let etag = check.etag("etag", &request.etag);
    let id = check.finish(id)?;
    let (_, party) = read::order(api, organisation, id).await?;

    let now = api.now();
    let cause = Cause::request(organisation, "AcceptOrder", &request.request_id, request);
    let accepted = api
        .store
        .execute::<OrderMessage, Refusal, _>(cause, Keys::new().one::<Order>(id), move |work| {
            work.get::<Order>(id).ok_or(Refusal::NoSuchOrder)?.must_be_at(etag)?;
            trade::change(work, id, |order| order.accept(party, now).map(|event| vec![event]))?;
            Ok(present::order(&work.after::<Order>(id).ok_or(Refusal::NoSuchOrder)?))
        });
    Ok(accepted.await?)
}
