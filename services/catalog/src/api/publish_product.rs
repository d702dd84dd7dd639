//! Puts a product on the market, if it is what its category asks for now: that may have changed since it was written.

use ::store::{Cause, Keys, Work};
use proto::catalog::v1;
use runtime::{Problem, auth::principal};
use tonic::{Request, Status};

use super::{Api, transition};
use crate::domain::{Product, Refusal};

pub(super) async fn handle(api: &Api, request: &Request<v1::PublishProductRequest>) -> Result<v1::Product, Status> {
    let principal = principal(request)?;
    let request = request.get_ref();
    let (id, seen) = transition::asked(&request.product_id, &request.etag)?;
    let (owner, now) = (principal.organisation, api.now());
    let cause = Cause::request(owner, "PublishProduct", &request.request_id, request);
    let published = api
        .store
        .execute_prepared::<v1::Product, _, _, Status, _>(cause, Refusal::is_race, |_| async move {
            let current = api.store.get::<Product>(id).await?;
            let current = current.ok_or_else(|| Problem::not_found("product"))?;
            let faults = api.faults(&current.listing, current.shop).await?;
            // The faults are those of this version.
            let asked = (id, seen, Some(current.version()));
            let publish = move |work: &mut Work| {
                transition::take(work, owner, asked, |product| {
                    let event = product.publish(now)?;
                    if faults.is_empty() {
                        Ok(event)
                    } else {
                        Err(Refusal::Unsound(faults.clone()))
                    }
                })
            };
            Ok((Keys::new().one::<Product>(id), publish))
        });
    let published = published.await?;
    api.product_written(&published);
    Ok(published)
}
