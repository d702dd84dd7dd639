//! What time tells. Every deadline is a row, and its handler may run twice.

mod acceptance;
mod payment_deadline;
mod quotation_expiry;

use std::sync::Arc;

use kernel::{CheckoutId, OrderId, QuotationId};
use store::Timers;

use crate::{consumers::Context, saga, trade};

/// Ends a quotation whose time has come.
pub(crate) const QUOTATION_EXPIRY: &str = "quotation_expiry";

/// The timers of this service, ready to run.
pub(crate) fn timers(context: &Arc<Context>) -> Timers {
    let [first, second, third, fourth] = [0; 4].map(|_| Arc::clone(context));
    Timers::new(&context.store)
        .on(saga::RECOVERY, move |due| {
            let context = Arc::clone(&first);
            async move { context.saga.recover(CheckoutId::from_uuid(due.aggregate)).await }
        })
        .on(trade::PAYMENT_DEADLINE, move |due| {
            payment_deadline::handle(Arc::clone(&second), CheckoutId::from_uuid(due.aggregate))
        })
        .on(trade::ACCEPTANCE, move |due| {
            acceptance::handle(Arc::clone(&third), OrderId::from_uuid(due.aggregate))
        })
        .on(QUOTATION_EXPIRY, move |due| {
            quotation_expiry::handle(Arc::clone(&fourth), QuotationId::from_uuid(due.aggregate))
        })
}
