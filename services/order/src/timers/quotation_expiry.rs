//! The time of a quotation has come. One that a checkout holds stays with it.

use std::sync::Arc;

use kernel::QuotationId;
use store::{Cause, DueTimer, Error, Keys};

use crate::{
    consumers::Context,
    domain::{Quotation, Refusal},
    store::facts,
};

pub(super) async fn handle(context: Arc<Context>, due: DueTimer) -> Result<(), Error<Refusal>> {
    let id = QuotationId::from_uuid(due.aggregate);
    let now = context.store.clock().now();
    let cause = Cause::step("order.quotation_expiry", id);
    let expired = context
        .store
        .execute::<(), Refusal, _>(cause, Keys::new().one::<Quotation>(id), move |work| {
            let Some(quotation) = work.change::<Quotation>(id) else {
                return Ok(());
            };
            if let Some(event) = quotation.expire(now) {
                let fact = facts::quotation(quotation, event);
                work.emit(fact);
            }
            Ok(())
        });
    expired.await
}
