//! What other services tell, a file for each message of theirs: it becomes news, and the news notifications.

mod cancellation_answered;
mod checkout_failed;
mod escrow_changed;
mod intent_declined;
mod order_changed;
mod payout_changed;
mod quotation_changed;
mod review_written;
mod wallet_topped_up;

use std::convert::Infallible;

use ::store::{Keys, Store, Work};
use events::{Bus, Error, Event, Failure};
use runtime::with;

use crate::domain::{
    news::{News, OrderStep, QuotationStep},
    notification::Notification,
};

/// Starts to listen. Of logistics and catalog one subject each is of interest, which the broker then picks for us.
pub(crate) async fn start(bus: &Bus, store: &Store) -> Result<(), Error> {
    let order =
        |step: fn(&proto::order::v1::OrderChanged) -> OrderStep| with(store, move |store, event| order_changed::handle(store, event, step));
    let quotation = |step| with(store, move |store, event| quotation_changed::handle(store, event, step));
    bus.consume(store, "messaging", "order")
        .on("order.v1.placed", order(|_| OrderStep::Placed))
        .on("order.v1.paid", order(|_| OrderStep::Paid))
        .on("order.v1.shipped", order(|_| OrderStep::Shipped))
        .on("order.v1.delivered", order(|_| OrderStep::Delivered))
        .on("order.v1.accepted", order(|_| OrderStep::Accepted))
        .on("order.v1.completed", order(|_| OrderStep::Completed))
        .on("order.v1.cancellation_requested", order(|_| OrderStep::CancellationRequested))
        .on("order.v1.cancelled", order(order_changed::cancelled))
        .on("order.v1.quotation_created", quotation(QuotationStep::Created))
        .on("order.v1.quotation_used", quotation(QuotationStep::Used))
        .on("order.v1.quotation_declined", quotation(QuotationStep::Declined))
        .on("order.v1.quotation_withdrawn", quotation(QuotationStep::Withdrawn))
        .on("order.v1.quotation_expired", quotation(QuotationStep::Expired))
        .on("order.v1.checkout_failed", with(store, checkout_failed::handle))
        .start()
        .await?;
    bus.consume(store, "messaging", "payment")
        .on("payment.v1.escrow_released", with(store, escrow_changed::released))
        .on("payment.v1.escrow_refunded", with(store, escrow_changed::refunded))
        .on("payment.v1.intent_declined", with(store, intent_declined::handle))
        .on("payment.v1.wallet_topped_up", with(store, wallet_topped_up::handle))
        .on("payment.v1.payout_paid", with(store, payout_changed::paid))
        .on("payment.v1.payout_failed", with(store, payout_changed::failed))
        .on("payment.v1.payout_returned", with(store, payout_changed::returned))
        .start()
        .await?;
    bus.consume(store, "messaging", "logistics")
        .on("logistics.v1.cancellation_refused", with(store, cancellation_answered::refused))
        .start()
        .await?;
    bus.consume(store, "messaging", "catalog")
        .on("catalog.v1.review_written", with(store, review_written::handle))
        .start()
        .await
}

/// Tells those whom the news concern, once however often the event comes.
async fn tell(store: Store, event: &Event, news: News) -> Result<(), Failure> {
    keep(store, event, Keys::new(), &news, |_| {}).await
}

/// As [`tell`], and writes down what else follows, in the same transaction.
async fn keep<F>(store: Store, event: &Event, keys: Keys, news: &News, and: F) -> Result<(), Failure>
where
    F: Fn(&mut Work) + Send + Sync + 'static,
{
    let made = Notification::of(event.id, event.time, news);
    let keys = keys.all_fresh::<Notification>(made.iter().map(|notification| notification.id));
    let write = move |work: &mut Work| {
        and(work);
        for notification in &made {
            // Known already when the event comes again so late that its cause is forgotten.
            if work.get::<Notification>(notification.id).is_none() {
                work.insert(notification.clone());
            }
        }
        Ok(())
    };
    let cause = event.cause();
    Ok(store.execute::<(), Infallible, _>(cause, keys, write).await?)
}

/// A code such as `out_of_stock`, in words.
fn words(code: &str) -> String {
    code.replace('_', " ").to_lowercase()
}
