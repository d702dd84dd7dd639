//! A buyer or a seller wants out.
//!
//! Before payment the one payment of the whole checkout is cancelled, and only payment can tell whether that is still
//! possible; its answer closes all of the checkout's unpaid orders. A seller may do so as well, whoever else sells in the
//! checkout: otherwise its stock would be held by anybody who does not pay, and the buyer can check the rest out again.
//! After payment this order alone is cancelled, if logistics says that the goods have not left.

use kernel::OrderId;
use proto::order::v1::{CancelOrderRequest, Order as OrderMessage};
use runtime::{
    Problem, Violations,
    auth::{Denied, Principal, principal},
};
use store::{Cause, Keys, Stored};
use tonic::{Request, Status};

use super::{Api, present, read};
use crate::{
    domain::{CancelReason, Checkout, Moment, Order, Party, Quotation, Refusal, State},
    saga::Cancelled,
    trade,
};

pub(super) async fn handle(api: &Api, request: &Request<CancelOrderRequest>) -> Result<OrderMessage, Status> {
    let principal = principal(request)?;
    let organisation = principal.organisation;
    let request = request.get_ref();
    let mut check = Violations::new();
    let id = check.id::<OrderId>("order_id", &request.order_id);
    let note = check.text("reason", &request.reason, 0..=500);
    let etag = check.etag("etag", &request.etag);
    let id = check.finish(id)?;
    let (order, party) = read::order(api, organisation, id).await?;
    must_act_for(party, &principal)?;
    let cause = Cause::request(organisation, "CancelOrder", &request.request_id, request);
    let wanted = Cancellation { party, note, etag };
    if order.was_called_off(wanted.party) {
        return Ok(called_off(api, cause, &order).await?);
    }
    if order.state() != State::Placed {
        return Ok(after_payment(api, cause, &order, wanted, false).await?);
    }
    if let Some(answer) = api.store.recorded(cause.clone()).await? {
        return Ok(answer);
    }
    order.must_be_at(etag).map_err(Problem::from)?;
    let checkout = api.store.get::<Checkout>(order.parties.checkout).await?;
    let checkout = checkout.ok_or_else(|| Problem::internal("an order without its checkout"))?;
    // What payment cancels stays cancelled, so it must not hear of a request that its key will refuse: the key is taken before.
    let ask = api.store.execute::<(), Refusal, _>(cause.then("ask"), Keys::new(), |_| Ok(()));
    ask.await?;
    match api.saga.cancel_intent(&checkout, party.cancels_all_as()).await {
        Ok(Cancelled::Yes) => Ok(before_payment(api, cause, &order, checkout, wanted).await?),
        Ok(Cancelled::Paid(_)) => Ok(after_payment(api, cause, &order, wanted, true).await?),
        Ok(Cancelled::Processing) => Err(being_paid().into()),
        Err(undecided) => {
            tracing::warn!(%undecided, "an order could not be cancelled");
            Err(Problem::unavailable("payment does not say whether this can be cancelled").into())
        }
    }
}

/// The rule of the RPC lets in whoever buys or sells; on which side of this order they stand is known now.
fn must_act_for(party: Party, principal: &Principal) -> Result<(), Problem> {
    let scope = match party {
        Party::Buyer => "purchases.write",
        Party::Seller => "quotations.write",
    };
    if principal.may(scope) {
        return Ok(());
    }
    Err(Problem::permission_denied(Denied::Scope(scope).to_string()))
}

/// What a party asks for, in its words.
struct Cancellation {
    party: Party,
    note: String,
    etag: Option<i64>,
}

impl Cancellation {
    fn reason(self) -> CancelReason {
        CancelReason {
            code: self.party.into(),
            note: self.note,
        }
    }
}

fn being_paid() -> Problem {
    Problem::failed_precondition("PAYMENT_PROCESSING", "the order is being paid; try again when that is over")
}

/// The answer to the first request was lost, or payment's event was faster than it.
async fn called_off(api: &Api, cause: Cause, order: &Stored<Order>) -> Result<OrderMessage, Problem> {
    let id = order.id;
    let known = api
        .store
        .execute::<OrderMessage, Refusal, _>(cause, Keys::new().one::<Order>(id), move |work| {
            Ok(present::order(work.get::<Order>(id).ok_or(Refusal::NoSuchOrder)?))
        });
    Ok(known.await?)
}

/// This order is cancelled in the words of whoever wants out. They are for
/// its own two parties: the others hear that there is no payment any more.
async fn before_payment(
    api: &Api,
    cause: Cause,
    order: &Stored<Order>,
    checkout: Stored<Checkout>,
    wanted: Cancellation,
) -> Result<OrderMessage, Problem> {
    let (id, at) = (order.id, Moment::here(api.now()));
    let (others, own) = (wanted.party.cancels_all_as(), wanted.reason());
    let keys = Keys::new()
        .all::<Order>(checkout.orders())
        .all::<Quotation>(checkout.quotations.iter().copied());
    let closed = api.store.execute::<OrderMessage, Refusal, _>(cause, keys, move |work| {
        trade::close(work, &checkout, |order| if order == id { own.clone() } else { others.into() }, at)?;
        // As it was before, if payment's event was faster than its answer.
        Ok(present::order(&work.after::<Order>(id).ok_or(Refusal::NoSuchOrder)?))
    });
    Ok(closed.await?)
}

/// `told` means that payment has just said that the money is there, which its event may not have told yet: the etag of an
/// order that was seen unpaid holds until it has.
async fn after_payment(api: &Api, cause: Cause, order: &Stored<Order>, wanted: Cancellation, told: bool) -> Result<OrderMessage, Problem> {
    let (id, now) = (order.id, api.now());
    let Cancellation { party, note, etag } = wanted;
    let cancelled = api
        .store
        .execute::<OrderMessage, Refusal, _>(cause, Keys::new().one::<Order>(id), move |work| {
            work.get::<Order>(id).ok_or(Refusal::NoSuchOrder)?.must_be_at(etag)?;
            trade::change(work, id, |order| {
                let mut events = if told { order.funded(Moment::here(now)) } else { Vec::new() };
                events.push(order.cancel(party, note.clone(), now)?);
                Ok(events)
            })?;
            Ok(present::order(&work.after::<Order>(id).ok_or(Refusal::NoSuchOrder)?))
        });
    Ok(cancelled.await?)
}
