//! What time tells. Every deadline is a row, and its handler may run twice.

mod acceptance;
mod payment_deadline;
mod quotation_expiry;

use std::sync::Arc;

use kernel::CheckoutId;
use runtime::with;
use store::{DueTimer, Timers};

use crate::{context::Context, saga, trade};

/// The timers of this service, ready to run.
pub(crate) fn timers(context: &Arc<Context>) -> Timers {
    let recover = |context: Arc<Context>, due: DueTimer| async move {
        let checkout = CheckoutId::from_uuid(due.aggregate);
        context.saga.recover(checkout).await
    };
    Timers::new(&context.store)
        .on(saga::RECOVERY, with(context, recover))
        .on(trade::PAYMENT_DEADLINE, with(context, payment_deadline::handle))
        .on(trade::ACCEPTANCE, with(context, acceptance::handle))
        .on(trade::QUOTATION_EXPIRY, with(context, quotation_expiry::handle))
}
