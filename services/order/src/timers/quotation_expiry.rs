//! The time of a quotation has come. One that a checkout holds stays with it, and ends when it is given back.

use std::sync::Arc;

use kernel::QuotationId;
use store::{Cause, DueTimer, Keys};

use crate::{
    context::Context,
    domain::{Quotation, QuotationState, Refusal},
    store::facts,
};

/// It expires once, as its row tells, so nothing else is recorded.
pub(super) async fn handle(context: Arc<Context>, due: DueTimer) -> Result<(), String> {
    let id = QuotationId::from_uuid(due.aggregate);
    let quotation = context.store.get::<Quotation>(id).await.map_err(|error| error.to_string())?;
    let Some(quotation) = quotation.filter(|quotation| quotation.state == QuotationState::Open) else {
        return Ok(());
    };
    let now = context.store.clock().now();
    // The clock was set back, or that of another replica is ahead: a failed timer is tried again.
    if now < quotation.expires {
        return Err(format!("it expires at {}, and it is {now} only", quotation.expires));
    }
    let expired = context
        .store
        .execute::<(), Refusal, _>(Cause::told_by_rows(), Keys::new().one::<Quotation>(id), move |work| {
            let Some(quotation) = work.change::<Quotation>(id) else {
                return Ok(());
            };
            if let Some(event) = quotation.expire(now) {
                let fact = facts::quotation(quotation, event);
                work.emit(fact);
            }
            Ok(())
        });
    expired.await.map_err(|error| error.to_string())
}
