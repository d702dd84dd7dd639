//! A checkout should have been paid by now: payment is asked to cancel its intent.

use std::{sync::Arc, time::Duration};

use kernel::{CheckoutId, Time};
use store::{Cause, DueTimer, Error, Keys, Timer};

use crate::{
    context::Context,
    domain::{CancelCode, Checkout, Moment, Order, Quotation, Refusal, State},
    saga::Cancelled,
    trade::{self, PAYMENT_DEADLINE},
};

const REASON: CancelCode = CancelCode::PaymentTimeout;

/// The bounds of the wait before payment is asked again.
const SOONEST: Duration = Duration::from_secs(1);
const LATEST: Duration = Duration::from_secs(3_600);

/// Only payment decides. Its "cancelled" closes the orders, as answer or as event, whichever comes first; where the money is there already
/// its own event follows; while money is on its way it is asked again, later each time.
pub(super) async fn handle(context: Arc<Context>, due: DueTimer) -> Result<(), String> {
    let id = CheckoutId::from_uuid(due.aggregate);
    let Some(checkout) = context.store.get::<Checkout>(id).await.map_err(text)? else {
        return Ok(());
    };
    let orders = context.store.get_all::<Order>(checkout.orders()).await.map_err(text)?;
    if !orders.iter().any(|order| order.state() == State::Placed) {
        return Ok(());
    }
    match context.saga.cancel_intent(&checkout, REASON).await.map_err(text)? {
        Cancelled::Yes => {
            let keys = Keys::new()
                .all::<Order>(checkout.orders())
                .all::<Quotation>(checkout.quotations.iter().copied());
            let cause = Cause::step("order.payment_deadline", id);
            let at = Moment::here(context.store.clock().now());
            let closed = context
                .store
                .execute::<(), Refusal, _>(cause, keys, move |work| trade::close(work, &checkout, |_| REASON.into(), at));
            closed.await.map_err(|error: Error<Refusal>| text(error))
        }
        Cancelled::Paid(_) => Ok(()),
        Cancelled::Processing => ask_again(&context, &checkout).await.map_err(text),
    }
}

/// Waiting for money is no failure that anybody should look at, however long payment takes to make up its mind.
async fn ask_again(context: &Context, checkout: &Checkout) -> Result<(), Error<Refusal>> {
    let now = context.store.clock().now();
    let again = Timer::new(PAYMENT_DEADLINE, checkout.id, next(checkout.payment_deadline, now));
    tracing::info!(checkout = %checkout.id, "money is on its way at the deadline, so payment is asked again later");
    let set = context
        .store
        .execute::<(), Refusal, _>(Cause::told_by_rows(), Keys::new(), move |work| {
            work.schedule(again);
            Ok(())
        });
    set.await
}

/// When payment is asked again: after as much time as has passed since the deadline, within bounds.
fn next(deadline: Time, now: Time) -> Time {
    let passed = u64::try_from(now.micros().saturating_sub(deadline.micros())).unwrap_or(0);
    now.plus(Duration::from_micros(passed).clamp(SOONEST, LATEST))
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payment_is_asked_less_and_less_often_but_never_given_up() {
        let deadline = Time::from_micros(7);
        let mut asked = vec![deadline];
        while asked.len() < 30 {
            let last = asked[asked.len() - 1];
            asked.push(next(deadline, last));
        }
        let waits: Vec<i64> = asked
            .windows(2)
            .map(|pair| (pair[1].micros() - pair[0].micros()) / 1_000_000)
            .collect();
        assert_eq!(waits[..5], [1, 1, 2, 4, 8]);
        assert_eq!(waits[waits.len() - 1], 3_600);
        // A clock that was set back is no reason to ask at once, or never.
        assert_eq!(next(deadline, Time::from_micros(0)), Time::from_micros(1_000_000));
    }
}
