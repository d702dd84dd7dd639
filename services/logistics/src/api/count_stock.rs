//! Stock that is counted anew: what receiving and adjusting have in common.

use kernel::{OrganisationId, VariantId};
use proto::logistics::v1::Stock as StockMessage;
use store::{Cause, Keys};
use tonic::Status;

use super::{Api, present};
use crate::{
    domain::{Movement, Refusal, Stock, StockError, stock_id},
    store::{movement::Journal, shelf},
};

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
            let mut shelf = shelf::take(work, &[id]);
            shelf.count(owner, variant, &step)?;
            shelf::put(work, &shelf, journal);
            Ok(present::stock(&work.after::<Stock>(id).expect("it was counted")))
        });
    Ok(counted.await?)
}
