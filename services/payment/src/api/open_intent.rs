//! Opens the one intent of a checkout. The payment's id is chosen by order and is the idempotency key.

use std::sync::Arc;

use kernel::{CheckoutId, Money, OrderId, OrganisationId, PaymentId};
use proto::payment::v1::{OpenIntentRequest, Payment};
use runtime::Violations;
use store::{Cause, Keys, Stored};
use tonic::Status;

use super::{Api, present};
use crate::domain::{
    Refusal,
    intent::{Intent, OrderAmount},
};

pub(super) async fn handle(api: &Api, request: OpenIntentRequest) -> Result<Payment, Status> {
    let intent = Arc::new(read(&request, api.now())?);
    let (id, opened) = (intent.id, Arc::clone(&intent));
    let payment = api
        .store
        .execute::<Payment, Refusal, _>(Cause::told_by_rows(), Keys::new().fresh::<Intent>(id), move |work| {
            match work.get::<Intent>(id) {
                None => {
                    work.insert(Intent::clone(&intent));
                    Ok(present::payment(&Stored::first(Intent::clone(&intent))))
                }
                Some(known) if known.is_tombstone() => Err(Refusal::IllegalTransition {
                    state: known.state().name(),
                    attempt: "opened",
                }),
                Some(known) if known.payer == intent.payer && known.orders == intent.orders => Ok(present::payment(known)),
                Some(_) => Err(Refusal::OtherAmounts),
            }
        });
    let payment = payment.await?;
    api.opened.insert(id, opened);
    Ok(payment)
}

fn read(request: &OpenIntentRequest, now: kernel::Time) -> Result<Intent, Status> {
    let mut check = Violations::new();
    let id = check.id::<PaymentId>("payment_id", &request.payment_id);
    let checkout = check.id::<CheckoutId>("checkout_id", &request.checkout_id);
    let payer = check.id::<OrganisationId>("payer_id", &request.payer_id);
    let currency = check.currency("currency", &request.currency);
    check.require(!request.orders.is_empty(), "orders", "must not be empty");
    let mut orders: Vec<OrderAmount> = Vec::with_capacity(request.orders.len());
    for (index, order) in request.orders.iter().enumerate() {
        let field = |name: &str| format!("orders[{index}].{name}");
        let amount = check.positive_money(&field("amount"), order.amount.as_ref());
        let fee = check.money(&field("fee"), order.fee.as_ref());
        if let (Some(amount), Some(fee), Some(currency)) = (amount, fee, currency) {
            check.require(
                amount.currency() == currency && fee.currency() == currency,
                &field("amount"),
                "must be in the payment's currency",
            );
            let sane = !fee.is_negative() && fee.minor_units() <= amount.minor_units();
            check.require(sane, &field("fee"), "must be between nothing and the amount");
            let order_id = check.id::<OrderId>(&field("order_id"), &order.order_id);
            let named_before = orders.iter().any(|order| Some(order.order) == order_id);
            check.require(!named_before, &field("order_id"), "is named twice");
            let seller = check.id::<OrganisationId>(&field("seller_id"), &order.seller_id);
            orders.extend(order_id.zip(seller).map(|(order, seller)| OrderAmount {
                order,
                seller,
                amount,
                fee,
            }));
        }
    }
    let amount = currency.and_then(|currency| {
        let amount = Money::sum(currency, orders.iter().map(|order| order.amount)).ok();
        let fits = amount.is_some_and(Money::is_payable);
        check.require(fits, "orders", "must add up to at most 1,000,000,000,000,000 minor units");
        amount
    });
    let (id, payer, checkout, amount) = check.finish((id, payer, checkout, amount))?;
    Ok(Intent::open(id, payer, Some(checkout), orders, amount, now))
}
