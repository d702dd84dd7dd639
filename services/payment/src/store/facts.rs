//! What happened to money, as facts on the bus. They carry ids and amounts.

use kernel::{CheckoutId, Money, OrganisationId};
use proto::payment::v1;
use runtime::money;
use store::Fact;

use crate::domain::{
    escrow::Escrow,
    intent::Intent,
    payout::{Payout, State},
};

/// A try to charge failed; the intent stays open.
pub(crate) fn intent_declined(intent: &Intent) -> Fact {
    let body = v1::IntentDeclined {
        payment_id: intent.id.to_string(),
        checkout_id: checkout(intent),
        payer_id: intent.payer.to_string(),
        reason: intent.decline_reason.clone(),
    };
    Fact::new("payment.v1.intent_declined", intent.id, [intent.payer], &body)
}

/// Nobody will pay this intent any more; whoever cancelled it said why.
pub(crate) fn intent_cancelled(intent: &Intent, reason: &str) -> Fact {
    let body = v1::IntentCancelled {
        payment_id: intent.id.to_string(),
        checkout_id: checkout(intent),
        payer_id: intent.payer.to_string(),
        reason: reason.to_owned(),
    };
    Fact::new("payment.v1.intent_cancelled", intent.id, [intent.payer], &body)
}

/// Money that came in for an intent is in its payer's wallet.
pub(crate) fn wallet_topped_up(intent: &Intent, amount: Money) -> Fact {
    let body = v1::WalletToppedUp {
        payment_id: intent.id.to_string(),
        owner_id: intent.payer.to_string(),
        amount: Some(money(amount)),
    };
    Fact::new("payment.v1.wallet_topped_up", intent.id, [intent.payer], &body)
}

/// An order's money is in escrow.
pub(crate) fn escrow_funded(intent: &Intent, escrow: &Escrow) -> Fact {
    let body = v1::EscrowFunded {
        payment_id: intent.id.to_string(),
        checkout_id: checkout(intent),
        order_id: escrow.order.to_string(),
        buyer_id: escrow.buyer.to_string(),
        seller_id: escrow.seller.to_string(),
        amount: Some(money(escrow.funded)),
    };
    Fact::new("payment.v1.escrow_funded", escrow.order, parties(escrow), &body)
}

/// The seller has what was held, less the fee.
pub(crate) fn escrow_released(escrow: &Escrow, amount: Money, fee: Money) -> Fact {
    escrow_changed("payment.v1.escrow_released", escrow, amount, Some(fee))
}

/// The buyer has what was held.
pub(crate) fn escrow_refunded(escrow: &Escrow, amount: Money) -> Fact {
    escrow_changed("payment.v1.escrow_refunded", escrow, amount, None)
}

fn escrow_changed(subject: &'static str, escrow: &Escrow, amount: Money, fee: Option<Money>) -> Fact {
    let body = v1::EscrowChanged {
        order_id: escrow.order.to_string(),
        buyer_id: escrow.buyer.to_string(),
        seller_id: escrow.seller.to_string(),
        amount: Some(money(amount)),
        fee: fee.map(money),
    };
    Fact::new(subject, escrow.order, parties(escrow), &body)
}

/// What became of a payout; nothing while it is under way.
pub(crate) fn payout_ended(payout: &Payout) -> Option<Fact> {
    let subject = match payout.state() {
        State::Pending | State::InTransit => return None,
        State::Paid => "payment.v1.payout_paid",
        State::Failed => "payment.v1.payout_failed",
        State::Returned => "payment.v1.payout_returned",
    };
    let body = v1::PayoutChanged {
        payout_id: payout.id.to_string(),
        owner_id: payout.owner.to_string(),
        amount: Some(money(payout.amount)),
        failure_reason: payout.failure_reason().to_owned(),
    };
    Some(Fact::new(subject, payout.id, [payout.owner], &body))
}

fn checkout(intent: &Intent) -> String {
    intent.checkout.as_ref().map(CheckoutId::to_string).unwrap_or_default()
}

fn parties(escrow: &Escrow) -> [OrganisationId; 2] {
    [escrow.buyer, escrow.seller]
}
