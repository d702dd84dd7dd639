//! The order is off: what its escrow holds goes back to the buyer's wallet.

use events::{Event, Failure};
use kernel::{OrderId, TransferId};
use proto::{order::v1::OrderChanged, payment::v1::EscrowChanged};
use store::{Cause, Fact, Keys, Store};

use crate::{
    books,
    domain::{
        Refusal,
        escrow::Escrow,
        ledger::{Mode, Place, Transfer},
    },
};

pub(super) async fn handle(store: Store, event: Event) -> Result<(), Failure> {
    let body: OrderChanged = event.decode()?;
    let order: OrderId = body.order_id.parse()?;
    let Some(known) = store.get::<Escrow>(order).await? else {
        return Err(Failure::new(format!("{order} shall be refunded but was never funded")));
    };
    let (buyer, seller, currency) = (known.buyer, known.seller, known.funded.currency());
    let (from, wallet) = (Place::escrow(order, buyer, currency), Place::wallet(buyer, currency));
    let keys = books::keys(Keys::new().one::<Escrow>(order), [from, wallet]);
    let now = store.clock().now();
    let refund = move |work: &mut store::Work| {
        let escrow = work.change::<Escrow>(order).ok_or(Refusal::NoSuchPayment)?;
        // Released or refunded already: known.
        let Some(amount) = escrow.refund()? else { return Ok(()) };
        let transfer = Transfer {
            id: TransferId::derived(order, "refund"),
            mode: Mode::Single,
            debit: from,
            credit: wallet,
            amount: amount.minor_units(),
            code: "refund",
            reference: order.uuid(),
        };
        books::post(work, &[transfer], now)?;
        let body = EscrowChanged {
            order_id: order.to_string(),
            buyer_id: buyer.to_string(),
            seller_id: seller.to_string(),
            amount: Some(runtime::money(amount)),
            fee: None,
        };
        work.emit(Fact::new("payment.v1.escrow_refunded", order, [buyer, seller], &body));
        Ok::<_, Refusal>(())
    };
    Ok(store
        .execute::<(), _, _>(Cause::event("payment.refund_requested", event.id), keys, refund)
        .await?)
}
