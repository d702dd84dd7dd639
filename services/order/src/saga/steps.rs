//! The steps of a checkout as calls: reserve, open the intent, and what takes them back.

use kernel::{CheckoutId, Currency, Money, PaymentId};
use proto::{
    logistics::v1::{LineToReserve, OrderToReserve, ReleaseRequest, ReserveRequest, ReserveResponse, Shortage, ShortageReason},
    payment::v1::{CancelIntentRequest, OpenIntentRequest, OrderAmount, PaymentState, cancel_intent_response::Outcome},
};
use runtime::{
    money,
    peer::{NoAnswer, ask},
    read_money, timestamp,
};
use tonic::Status;
use tonic_types::StatusExt;

use super::{Saga, Undecided};
use crate::domain::{CancelCode, Checkout, Draft, Failure, FailureCode, Order, Progress, part_of};

/// What payment says when it is asked to cancel.
pub(crate) enum Cancelled {
    /// Nobody will pay.
    Yes,
    /// Somebody has paid, for each order this much.
    Paid(Vec<OrderAmount>),
    /// Somebody may be paying: ask again.
    Processing,
}

/// What logistics says when it is asked to reserve.
pub(super) enum Reserved {
    /// It holds every line, and this is the freight of each order.
    Held(Vec<Money>),
    /// It holds nothing, and will not: the answer stands.
    Short(Failure),
    /// It will not, whatever it holds.
    Refused(Failure),
}

/// What payment says when it is asked to open the intent.
pub(super) enum Opened {
    /// It waits for the buyer's money.
    Yes,
    /// It will not.
    Refused(Failure),
}

/// Reserves every line of every order, or nothing.
pub(super) async fn reserve(saga: &Saga, checkout: &Checkout) -> Result<Reserved, Undecided> {
    let Progress::Pending { drafts, ship_to, .. } = &checkout.progress else {
        return Err(Undecided::new("reserving", "the checkout is decided"));
    };
    let request = ReserveRequest {
        checkout_id: checkout.id.to_string(),
        orders: drafts.iter().map(|draft| to_reserve(checkout, draft)).collect(),
        ship_to_country: ship_to.country.clone(),
        currency: checkout.currency.code().to_owned(),
        expire_time: Some(timestamp(checkout.payment_deadline.plus(saga.terms.reservation_slack))),
    };
    let mut client = saga.peers.logistics.clone();
    match ask(saga.terms.step_timeout, client.reserve(request)).await {
        Ok(response) if response.shortages.is_empty() => freights(checkout.currency, drafts, &response).map(Reserved::Held),
        Ok(response) => Ok(Reserved::Short(short(drafts, &response.shortages))),
        Err(NoAnswer::Refused(status)) => Ok(Reserved::Refused(refused(&status))),
        Err(NoAnswer::Unknown(status)) => Err(Undecided::new("reserving", status)),
    }
}

/// Of what logistics finds wrong with a request, an unknown country is the client's to mend. The rest is for operators.
fn refused(status: &Status) -> Failure {
    let violations = status.get_details_bad_request().map(|bad| bad.field_violations).unwrap_or_default();
    let country = violations.into_iter().find(|violation| violation.field == "ship_to_country");
    let lines: Vec<_> = country
        .map(|violation| ("ship_to.country".to_owned(), violation.description))
        .into_iter()
        .collect();
    let detail = match lines.as_slice() {
        [(field, text), ..] => format!("{field}: {text}"),
        [] => "the goods could not be reserved".to_owned(),
    };
    let failure = Failure {
        code: FailureCode::ReservationRefused,
        detail,
        lines,
    };
    failure.because(status)
}

fn to_reserve(checkout: &Checkout, draft: &Draft) -> OrderToReserve {
    let lines = draft.lines.iter().map(|draft| LineToReserve {
        variant_id: draft.line.variant.to_string(),
        quantity: draft.line.quantity,
        weight_mg: draft.weight_mg,
    });
    OrderToReserve {
        order_id: draft.order.to_string(),
        seller_id: draft.seller.to_string(),
        buyer_id: checkout.buyer.to_string(),
        lines: lines.collect(),
        freight_agreed: draft.quoted.is_some(),
    }
}

/// The quotation's freight where there is one, otherwise logistics'.
fn freights(currency: Currency, drafts: &[Draft], response: &ReserveResponse) -> Result<Vec<Money>, Undecided> {
    let nonsense = || Undecided::new("reserving", "the answer does not fit the request");
    let of = |draft: &Draft| {
        if let Some((_, freight)) = draft.quoted {
            return Ok(freight);
        }
        let id = draft.order.to_string();
        let order = response.orders.iter().find(|order| order.order_id == id).ok_or_else(nonsense)?;
        let freight = read_money(order.freight.as_ref()).map_err(|error| Undecided::new("reserving", error))?;
        if freight.currency() == currency && !freight.is_negative() {
            Ok(freight)
        } else {
            Err(nonsense())
        }
    };
    drafts.iter().map(of).collect()
}

/// The freight of each order that is paid already: what was paid for it beyond its goods.
pub(super) fn freights_paid(drafts: &[Draft], paid: &[OrderAmount]) -> Result<Vec<Money>, Undecided> {
    let nonsense = |why: String| Undecided::new("placing orders that are paid", why);
    let of = |draft: &Draft| {
        let id = draft.order.to_string();
        let known = paid.iter().find(|paid| paid.order_id == id);
        let known = known.ok_or_else(|| nonsense(format!("payment does not say what was paid for {id}")))?;
        let amount = read_money(known.amount.as_ref()).map_err(|error| nonsense(error.to_string()))?;
        let goods = draft.total(Money::zero(draft.currency()));
        let freight = goods.and_then(|goods| amount.checked_sub(goods)).ok();
        freight
            .filter(|freight| !freight.is_negative())
            .ok_or_else(|| nonsense(format!("{amount} is less than the goods of {id} cost")))
    };
    drafts.iter().map(of).collect()
}

/// Names every line that could not be had, as the client named it.
fn short(drafts: &[Draft], shortages: &[Shortage]) -> Failure {
    let lines = shortages.iter().flat_map(|shortage| {
        let named = drafts
            .iter()
            .flat_map(|draft| &draft.lines)
            .filter(|draft| draft.line.variant.to_string() == shortage.variant_id);
        let (_, part, text) = meaning(shortage);
        named.map(move |draft| (part_of(&draft.field, part), text.clone()))
    });
    let lines: Vec<(String, String)> = lines.collect();
    let code = shortages.first().map_or(FailureCode::OutOfStock, |shortage| meaning(shortage).0);
    let detail = lines.first().map(|(field, text)| format!("{field}: {text}")).unwrap_or_default();
    Failure { code, detail, lines }
}

/// What a shortage is, which part of its line it is about, and how a client is told.
fn meaning(shortage: &Shortage) -> (FailureCode, &'static str, String) {
    match shortage.reason() {
        ShortageReason::NoFreightRate => (
            FailureCode::NoFreightRate,
            "variant_id",
            "its seller does not ship to this country".to_owned(),
        ),
        ShortageReason::FreightCurrency => (
            FailureCode::FreightCurrency,
            "variant_id",
            "its seller's freight is in another currency".to_owned(),
        ),
        ShortageReason::FreightTooMuch => (
            FailureCode::FreightTooMuch,
            "quantity",
            "weighs so much that its freight is more than can be paid".to_owned(),
        ),
        ShortageReason::OutOfStock => (
            FailureCode::OutOfStock,
            "quantity",
            format!("only {} are available", shortage.available),
        ),
        // As it is, too, when a newer logistics names a reason that we do not know.
        ShortageReason::Unspecified => (FailureCode::ReservationRefused, "variant_id", "cannot be had now".to_owned()),
    }
}

/// Opens the one payment of all orders.
pub(super) async fn open_intent(saga: &Saga, checkout: &Checkout, orders: &[Order]) -> Result<Opened, Undecided> {
    let request = OpenIntentRequest {
        payment_id: checkout.payment.to_string(),
        checkout_id: checkout.id.to_string(),
        payer_id: checkout.buyer.to_string(),
        orders: orders.iter().map(amount).collect(),
        currency: checkout.currency.code().to_owned(),
    };
    let mut client = saga.peers.payment.clone();
    match ask(saga.terms.step_timeout, client.open_intent(request)).await {
        // Repeating it answers the same intent, also when it was cancelled since.
        Ok(payment) if payment.state() == PaymentState::Cancelled => Ok(Opened::Refused(unpaid("the payment is cancelled"))),
        Ok(_) => Ok(Opened::Yes),
        Err(NoAnswer::Refused(status)) => Ok(Opened::Refused(unpaid("the payment could not be opened").because(&status))),
        Err(NoAnswer::Unknown(status)) => Err(Undecided::new("opening the payment", status)),
    }
}

fn unpaid(detail: &str) -> Failure {
    Failure {
        code: FailureCode::PaymentRefused,
        detail: detail.to_owned(),
        lines: Vec::new(),
    }
}

fn amount(order: &Order) -> OrderAmount {
    OrderAmount {
        order_id: order.id.to_string(),
        seller_id: order.parties.seller.to_string(),
        amount: Some(money(order.total)),
        fee: Some(money(order.fee)),
    }
}

/// Asks payment to cancel an intent, opened or not. Its event hands the reason on, so that it closes the orders as its answer would.
pub(super) async fn cancel_intent(saga: &Saga, payment: PaymentId, reason: CancelCode) -> Result<Cancelled, Undecided> {
    const STEP: &str = "cancelling the payment";
    let mut client = saga.peers.payment.clone();
    let request = CancelIntentRequest {
        payment_id: payment.to_string(),
        reason: reason.name().to_owned(),
    };
    match ask(saga.terms.step_timeout, client.cancel_intent(request)).await {
        Ok(response) => match response.outcome() {
            Outcome::Cancelled => Ok(Cancelled::Yes),
            Outcome::Succeeded => Ok(Cancelled::Paid(response.orders)),
            Outcome::Processing => Ok(Cancelled::Processing),
            Outcome::Unspecified => Err(Undecided::new(STEP, "the answer says nothing")),
        },
        Err(NoAnswer::Refused(status) | NoAnswer::Unknown(status)) => Err(Undecided::new(STEP, status)),
    }
}

/// Gives back what was reserved, if anything was.
pub(super) async fn release(saga: &Saga, checkout: CheckoutId) -> Result<(), Undecided> {
    let mut client = saga.peers.logistics.clone();
    let request = ReleaseRequest {
        checkout_id: checkout.to_string(),
    };
    match ask(saga.terms.step_timeout, client.release(request)).await {
        Ok(_) => Ok(()),
        Err(NoAnswer::Refused(status) | NoAnswer::Unknown(status)) => Err(Undecided::new("releasing the stock", status)),
    }
}

impl Failure {
    /// The peer's words are for operators: clients get ours.
    fn because(self, status: &Status) -> Self {
        tracing::warn!(code = self.code.name(), %status, "a checkout was refused");
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::samples::{draft, id, usd};

    #[test]
    fn what_was_paid_beyond_the_goods_is_the_freight_and_less_than_the_goods_is_not_believed() {
        let drafts = [draft(id(1))];
        let paid = |minor_units| OrderAmount {
            order_id: drafts[0].order.to_string(),
            amount: Some(money(usd(minor_units))),
            ..OrderAmount::default()
        };
        // Its goods cost 1.19 with tax.
        assert_eq!(freights_paid(&drafts, &[paid(124)]).unwrap(), [usd(5)]);
        for nonsense in [vec![paid(118)], Vec::new()] {
            assert!(freights_paid(&drafts, &nonsense).is_err());
        }
    }

    #[test]
    fn a_shortage_for_a_reason_that_only_a_newer_logistics_knows_names_its_line() {
        let draft = draft(id(1));
        let shortage = Shortage {
            variant_id: draft.lines[0].line.variant.to_string(),
            reason: 1_000,
            ..Shortage::default()
        };
        let failure = short(&[draft], &[shortage]);
        assert_eq!(failure.code, FailureCode::ReservationRefused);
        assert_eq!(failure.lines, [("lines[0].variant_id".to_owned(), "cannot be had now".to_owned())]);
    }

    #[test]
    fn freight_that_nobody_can_pay_is_told_by_the_quantity() {
        let draft = draft(id(1));
        let shortage = Shortage {
            variant_id: draft.lines[0].line.variant.to_string(),
            reason: ShortageReason::FreightTooMuch.into(),
            ..Shortage::default()
        };
        let failure = short(&[draft], &[shortage]);
        assert_eq!(
            (failure.code.name(), failure.lines[0].0.as_str()),
            ("FREIGHT_TOO_MUCH", "lines[0].quantity")
        );
    }
}
