//! The buyer is content, or the inspection window has run out: the seller gets the money, less the fee.

use events::{Event, Failure};
use kernel::{OrderId, TransferId};
use proto::{order::v1::OrderChanged, payment::v1::EscrowChanged};
use store::{Cause, Fact, Keys, Store};

use crate::{
    books,
    domain::{
        Refusal,
        escrow::Escrow,
        ledger::{Kind, Mode, Place, Transfer},
    },
};

pub(super) async fn handle(store: Store, event: Event) -> Result<(), Failure> {
    let body: OrderChanged = event.decode()?;
    let order: OrderId = body.order_id.parse()?;
    let Some(known) = store.get::<Escrow>(order).await? else {
        return Err(Failure::new(format!("{order} was accepted but never funded")));
    };
    let (buyer, seller, currency) = (known.buyer, known.seller, known.funded.currency());
    let (from, wallet) = (Place::escrow(order, buyer, currency), Place::wallet(seller, currency));
    let fees = Place::platform(Kind::Fees, order, currency);
    let keys = books::keys(Keys::new().one::<Escrow>(order), [from, wallet, fees]);
    let now = store.clock().now();
    let release = move |work: &mut store::Work| {
        let escrow = work.change::<Escrow>(order).ok_or(Refusal::NoSuchPayment)?;
        // Released or refunded already: known.
        let Some((to_seller, fee)) = escrow.release()? else { return Ok(()) };
        let transfer = |name, credit, amount| Transfer {
            id: TransferId::derived(order, name),
            mode: Mode::Single,
            debit: from,
            credit,
            amount,
            code: name,
            reference: order.uuid(),
        };
        let transfers = [
            transfer("sale", wallet, to_seller.minor_units()),
            transfer("fee", fees, fee.minor_units()),
        ];
        let moving: Vec<Transfer> = transfers.into_iter().filter(|transfer| transfer.amount > 0).collect();
        books::post(work, &moving, now)?;
        let body = EscrowChanged {
            order_id: order.to_string(),
            buyer_id: buyer.to_string(),
            seller_id: seller.to_string(),
            amount: Some(runtime::money(to_seller.checked_add(fee)?)),
            fee: Some(runtime::money(fee)),
        };
        work.emit(Fact::new("payment.v1.escrow_released", order, [buyer, seller], &body));
        Ok::<_, Refusal>(())
    };
    Ok(store
        .execute::<(), _, _>(Cause::event("payment.order_accepted", event.id), keys, release)
        .await?)
}
