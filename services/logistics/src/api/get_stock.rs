//! The acting organisation's stock of a variant.

use kernel::{OrganisationId, VariantId};
use proto::logistics::v1::{GetStockRequest, Stock as StockMessage};
use runtime::{Violations, auth::principal};
use store::{Cause, Keys, Stored};
use tonic::{Request, Status};

use super::{Api, present};
use crate::{
    domain::{Movement, Refusal, Stock, StockError, stock_id},
    store::{movement::Journal, shelf},
};

pub(super) async fn handle(api: &Api, request: &Request<GetStockRequest>) -> Result<StockMessage, Status> {
    let owner = principal(request)?.organisation;
    let mut check = Violations::new();
    let variant = check.id::<VariantId>("variant_id", &request.get_ref().variant_id);
    check.check()?;
    let variant = variant.expect("a missing id ended the request");
    let stock = api.store.get::<Stock>(stock_id(owner, variant)).await?;
    // Whether the variant exists is the catalog's to know; here it is stock of no pieces.
    let stock = stock.unwrap_or_else(|| Stored::new(0, Stock::empty(owner, variant)));
    Ok(present::stock(&stock))
}

/// Counts the acting organisation's stock of a variant anew, and shows it.
pub(super) async fn count<F>(api: &Api, cause: Cause, owner: OrganisationId, variant: VariantId, step: F) -> Result<StockMessage, Status>
where
    F: Fn(&mut Stock) -> Result<Movement, StockError> + Send + Sync + 'static,
{
    let id = stock_id(owner, variant);
    let journal = Journal::at(api.now());
    let counted = api
        .store
        .execute::<StockMessage, Refusal, _>(cause, Keys::new().one::<Stock>(id), move |work| {
            let version = work.get::<Stock>(id).map_or(0, |stock| stock.version());
            let mut shelf = shelf::take(work, &[id]);
            let stock = shelf.count(owner, variant, &step)??;
            shelf::put(work, &shelf, journal);
            Ok(present::stock(&Stored::new(version + 1, stock)))
        });
    Ok(counted.await?)
}
