//! The acting organisation's stock of a variant.

use kernel::{OrganisationId, VariantId};
use proto::logistics::v1::{GetStockRequest, Stock as Answer};
use runtime::{Problem, Violations, auth::principal};
use store::{Cause, Keys};
use tonic::{Request, Status};

use super::{Api, answers};
use crate::{
    domain::{Movement, Refusal, Stock, StockError, stock_id},
    problem::{status, unread},
    store::{movement::Journal, shelf},
};

pub(super) async fn handle(api: &Api, request: Request<GetStockRequest>) -> Result<Answer, Status> {
    let owner = principal(&request)?.organisation;
    let mut violations = Violations::new();
    let variant = violations.id::<VariantId>("variant_id", &request.get_ref().variant_id);
    violations.check()?;
    let variant = variant.ok_or_else(|| Problem::not_found("variant"))?;
    let stock = api.store.get::<Stock>(stock_id(owner, variant)).await.map_err(unread)?;
    // Whether the variant exists is the catalog's to know; here it is stock of no pieces.
    Ok(match stock {
        Some(stock) => answers::stock(&stock, stock.version()),
        None => answers::stock(&Stock::empty(owner, variant), 0),
    })
}

/// Counts the acting organisation's stock of a variant anew, and shows it.
pub(super) async fn count<F>(api: &Api, cause: Cause, owner: OrganisationId, variant: Option<VariantId>, step: F) -> Result<Answer, Status>
where
    F: Fn(&mut Stock) -> Result<Movement, StockError> + Send + Sync + 'static,
{
    let variant = variant.ok_or_else(|| Problem::not_found("variant"))?;
    let id = stock_id(owner, variant);
    let journal = Journal::at(api.store.clock().now());
    let counted = api.store.execute(cause, Keys::new().one::<Stock>(id), move |work| {
        let version = work.get::<Stock>(id).map_or(0, |stock| stock.version());
        let mut shelf = shelf::take(work, &[id]);
        let stock = shelf.count(owner, variant, &step).map_err(Refusal::from)??;
        shelf::put(work, &shelf, journal);
        Ok(answers::stock(&stock, version + 1))
    });
    counted.await.map_err(status)
}
