//! Price the basket, write the checkout, reserve the stock, open the payment, place the orders: all or nothing.
//!
//! Goods are priced before anything is written, so that bad input writes nothing. What the first write records under the request's key is
//! which checkout it began: the same request finds it again, however far it came, and drives it to its end.

mod request;

use kernel::{CheckoutId, OrderId, OrganisationId, PaymentId};
use proto::order::v1::{Checkout as CheckoutMessage, CreateCheckoutRequest};
use runtime::{Problem, auth::principal};
use store::{Cause, Keys, Stored, Timer};
use tonic::{Request, Status};

use self::request::{CheckoutRequest, Wanted};
use super::{
    Api, get_checkout, present,
    pricing::{Priced, must_be_sold, offer, price, quoted},
};
use crate::{
    domain::{Cart, Checkout, Failure, Order, Progress, Quotation, Refusal, drafts},
    problem::faults,
    saga::{Decision, RECOVERY, Undecided},
    store::facts,
};

/// The version that the saga leaves of a checkout which nobody else touched:
/// the request wrote it down, and the saga's last write decided it.
const DECIDED: i64 = 2;

pub(super) async fn handle(api: &Api, request: &Request<CreateCheckoutRequest>) -> Result<CheckoutMessage, Status> {
    let buyer = principal(request)?.organisation;
    let request = request.get_ref();
    let wanted = CheckoutRequest::read(request, api.terms.windows)?;
    let cause = Cause::request(buyer, "CreateCheckout", &request.request_id, request);
    let (begun, ours) = match plan(api, buyer, wanted).await {
        Ok(checkout) => (begin(api, cause, checkout.clone()).await?, Some(checkout)),
        Err(problem) => (api.store.recorded::<CheckoutMessage>(cause).await?.ok_or(problem)?, None),
    };
    let id: CheckoutId = begun.id.parse().map_err(|error: kernel::InvalidId| Problem::internal(error))?;
    let checkout = match ours.filter(|checkout| checkout.id == id) {
        Some(checkout) => checkout,
        // This request came before. Where its checkout is decided that is the answer, as it now stands; otherwise it goes on.
        None => {
            let known = get_checkout::find(api, buyer, id).await?;
            if !matches!(known.progress, Progress::Pending { .. }) {
                return Ok(decided(api, &known).await?);
            }
            known.into_inner()
        }
    };
    Ok(decide(api, checkout).await?)
}

/// Everything that the checkout will need, before anything is written.
async fn plan(api: &Api, buyer: OrganisationId, request: CheckoutRequest) -> Result<Checkout, Problem> {
    let (ship_to, windows) = (request.ship_to.clone(), request.windows);
    let Wanted { lines, quotations, cart } = request.wanted(api, buyer).await?;
    let priced = price(api, lines.iter().map(|line| line.to_price()).collect()).await?;
    must_be_sold(&priced, lines.iter().map(|line| line.field.clone()))?;
    let offers = lines
        .into_iter()
        .zip(priced)
        .map(|(line, Priced { line: priced, .. })| match line.quoted {
            None => offer(priced, line.field),
            Some(quote) => {
                if priced.seller_id != quote.seller.to_string() {
                    return Err(Problem::failed_precondition("NOT_FOR_SALE", "the goods have another seller now")
                        .violating(line.field, "is not sold by the one who quoted it any more"));
                }
                let mut offer = quoted(priced, line.field, &quote.line)?;
                offer.quoted = Some((quote.quotation, quote.freight));
                Ok(offer)
            }
        });
    let offers = offers.collect::<Result<Vec<_>, Problem>>()?;
    let now = api.now();
    let drafts = drafts(buyer, offers, api.terms.fee_basis_points, || OrderId::at(now)).map_err(faults)?;
    let currency = drafts.first().map(crate::domain::Draft::currency);
    Ok(Checkout {
        id: CheckoutId::at(now),
        buyer,
        payment: PaymentId::at(now),
        currency: currency.ok_or_else(|| Problem::internal("a checkout without goods"))?,
        quotations,
        payment_deadline: now.plus(windows.payment),
        created: now,
        progress: Progress::Pending {
            drafts,
            ship_to: Box::new(ship_to),
            windows,
            cart,
            intent: None,
        },
    })
}

/// The first write: the checkout with all that its steps need, the quotations and the lines of the cart that it takes, and the timer that
/// looks after it. Of requests that came at once and mean the same cart or quotation, the first gets it.
async fn begin(api: &Api, cause: Cause, checkout: Checkout) -> Result<CheckoutMessage, Problem> {
    let mut keys = Keys::new()
        .fresh::<Checkout>(checkout.id)
        .all::<Quotation>(checkout.quotations.iter().copied());
    if !checkout.cart().is_empty() {
        keys = keys.one::<Cart>(checkout.buyer);
    }
    let (now, recovery) = (checkout.created, checkout.created.plus(api.terms.recovery));
    let begun = api.store.execute::<CheckoutMessage, Refusal, _>(cause, keys, move |work| {
        for (place, id) in checkout.quotations.iter().enumerate() {
            let field = || Some(format!("quotation_ids[{place}]"));
            let quotation = work.change::<Quotation>(*id).ok_or(Refusal::NoSuchQuotation { field: field() })?;
            let used = quotation.take(checkout.id, now).map_err(|refusal| refusal.about(field()))?;
            let fact = facts::quotation(quotation, used);
            work.emit(fact);
        }
        if !checkout.cart().is_empty() {
            let cart = work.change::<Cart>(checkout.buyer).ok_or(Refusal::EmptyCart)?;
            cart.take(checkout.cart())?;
        }
        work.insert(checkout.clone());
        work.schedule(Timer::new(RECOVERY, checkout.id, recovery));
        Ok(CheckoutMessage {
            id: checkout.id.to_string(),
            ..CheckoutMessage::default()
        })
    });
    Ok(begun.await?)
}

/// The steps and the last write.
async fn decide(api: &Api, checkout: Checkout) -> Result<CheckoutMessage, Problem> {
    let (id, buyer) = (checkout.id, checkout.buyer);
    match within_deadline(api.saga.drive(&checkout)).await {
        Ok(Decision::Open(orders)) => Ok(opened(checkout, orders)),
        Ok(Decision::Failed(failure)) => Err(failed(id, &failure)),
        Ok(Decision::Otherwise) => decided(api, &get_checkout::find(api, buyer, id).await?).await,
        Err(undecided) => {
            let text = "the checkout is still under way; ask again with the same idempotency key, or look at it";
            let problem = if runtime::is_late() {
                tracing::debug!(checkout = %id, %undecided, "a checkout whose buyer waits no longer is left to its recovery");
                Problem::late(text)
            } else {
                tracing::warn!(checkout = %id, %undecided, "a checkout is left to its recovery");
                Problem::unavailable(text)
            };
            Err(problem.with("checkout_id", id))
        }
    }
}

/// Nobody waits longer than they said, whatever a database or a peer does: the recovery goes on where we stop.
async fn within_deadline(drive: impl Future<Output = Result<Decision, Undecided>>) -> Result<Decision, Undecided> {
    match runtime::deadline() {
        Some(deadline) => tokio::time::timeout_at(deadline, drive)
            .await
            .unwrap_or_else(|_| Err(Undecided::out_of_time())),
        None => drive.await,
    }
}

/// As it was just written.
fn opened(mut checkout: Checkout, orders: Vec<Order>) -> CheckoutMessage {
    checkout.progress = Progress::Open { orders: checkout.orders() };
    let orders: Vec<_> = orders.into_iter().map(Stored::first).collect();
    present::checkout(&Stored::new(DECIDED, checkout), &orders)
}

/// A checkout that was decided before this request came.
async fn decided(api: &Api, checkout: &Stored<Checkout>) -> Result<CheckoutMessage, Problem> {
    match &checkout.progress {
        Progress::Failed(failure) => Err(failed(checkout.id, failure)),
        Progress::Pending { .. } | Progress::Open { .. } => get_checkout::with_orders(api, checkout).await,
    }
}

fn failed(id: CheckoutId, failure: &Failure) -> Problem {
    Problem::from(failure).with("checkout_id", id)
}
