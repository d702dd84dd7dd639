//! Puts a product on the market, if it is what its category asks for now: that may have changed since it was written.

use ::store::{Cause, Error};
use proto::catalog::v1;
use runtime::{Problem, auth::principal};
use tonic::{Request, Status};

use super::{Api, TRIES, transition};
use crate::domain::{Product, Refusal};

pub(super) async fn handle(api: &Api, request: &Request<v1::PublishProductRequest>) -> Result<v1::Product, Status> {
    let principal = principal(request)?;
    let request = request.get_ref();
    let asked = transition::asked(&request.product_id, &request.etag)?;
    let now = api.now();
    for _ in 0..TRIES {
        let current = api.store.get::<Product>(asked.0).await?;
        let current = current.ok_or_else(|| Problem::not_found("product"))?;
        let faults = api.faults(&current.listing, current.shop).await?;
        let cause = Cause::request(principal.organisation, "PublishProduct", &request.request_id, request);
        // The faults are those of this version.
        let prepared = Some(current.version());
        let publish = transition::take(api, &principal, cause, asked, prepared, move |product| {
            let event = product.publish(now)?;
            if faults.is_empty() {
                Ok(event)
            } else {
                Err(Refusal::Unsound(faults.clone()))
            }
        });
        match publish.await {
            Err(Error::Refused(Refusal::Raced)) => {}
            published => return Ok(published?),
        }
    }
    Err(Problem::from(Refusal::Raced).into())
}
