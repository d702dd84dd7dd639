//! The buyer has the goods and is content. Allowed from hand-over on, because a carrier may forget to report a delivery.

use proto::order::v1::{AcceptOrderRequest, Order as OrderMessage};
use runtime::{Violations, auth::principal};
use store::{Cause, Keys};
use tonic::{Request, Status};

use super::{Api, must_match, present, read};
use crate::{
    domain::{Order, Refusal},
    trade,
};

pub(super) async fn handle(api: &Api, request: &Request<AcceptOrderRequest>) -> Result<OrderMessage, Status> {
    let organisation = principal(request)?.organisation;
    let request = request.get_ref();
    let mut check = Violations::new();
    let etag = check.etag("etag", &request.etag);
    check.finish(())?;
    let (order, party) = read::order(api, organisation, &request.order_id).await?;

    let (id, now) = (order.id, api.now());
    let cause = Cause::request(organisation, "AcceptOrder", &request.request_id, request);
    let accepted = api
        .store
        .execute::<OrderMessage, Refusal, _>(cause, Keys::new().one::<Order>(id), move |work| {
            must_match(etag, work.get::<Order>(id).ok_or(Refusal::NoSuchOrder)?.version())?;
            trade::change(work, id, |order| order.accept(party, now).map(|event| vec![event]))?;
            Ok(present::order(&read::after(work.get::<Order>(id).ok_or(Refusal::NoSuchOrder)?)))
        });
    Ok(accepted.await?)
}
