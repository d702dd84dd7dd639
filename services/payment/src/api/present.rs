//! Nouns as the protos write them.

use kernel::Money;
use proto::payment::v1;
use runtime::{money, timestamp};
use store::Stored;

use crate::domain::{
    account::Account,
    escrow::Escrow,
    intent::{Intent, State},
    payout::{self, Payout},
};

pub(super) fn payment(intent: &Stored<Intent>) -> v1::Payment {
    v1::Payment {
        id: intent.id.to_string(),
        payer_id: intent.payer.to_string(),
        checkout_id: intent.checkout.map(|checkout| checkout.to_string()).unwrap_or_default(),
        amount: Some(money(intent.amount)),
        orders: amounts(intent),
        state: state(intent.state()).into(),
        decline_reason: intent.decline_reason.clone(),
        action_url: intent.action_url.clone(),
        etag: intent.etag(),
        create_time: Some(timestamp(intent.created)),
        update_time: Some(timestamp(intent.updated)),
    }
}

/// What each order of a payment gets of it.
pub(super) fn amounts(intent: &Intent) -> Vec<v1::OrderAmount> {
    let orders = intent.orders.iter().map(|order| v1::OrderAmount {
        order_id: order.order.to_string(),
        seller_id: order.seller.to_string(),
        amount: Some(money(order.amount)),
        fee: Some(money(order.fee)),
    });
    orders.collect()
}

const fn state(state: State) -> v1::PaymentState {
    match state {
        State::RequiresPaymentMethod => v1::PaymentState::RequiresPaymentMethod,
        State::RequiresAction => v1::PaymentState::RequiresAction,
        State::Processing => v1::PaymentState::Processing,
        State::Succeeded => v1::PaymentState::Succeeded,
        State::Cancelled => v1::PaymentState::Cancelled,
        State::Unknown => v1::PaymentState::Unknown,
        State::Conflicted => v1::PaymentState::Conflicted,
    }
}

pub(super) fn escrow(escrow: &Stored<Escrow>) -> v1::Escrow {
    v1::Escrow {
        order_id: escrow.order.to_string(),
        buyer_id: escrow.buyer.to_string(),
        seller_id: escrow.seller.to_string(),
        held: escrow.held().ok().map(money),
        released: Some(money(escrow.released())),
        refunded: Some(money(escrow.refunded())),
        fee: Some(money(escrow.fee_taken())),
        etag: escrow.etag(),
    }
}

pub(super) fn wallet(account: &Account) -> v1::Wallet {
    v1::Wallet {
        owner_id: account.key.owner.to_string(),
        currency: account.key.currency.to_string(),
        balance: Some(money(account.balance())),
        held: Some(money(account.held())),
        available: Some(money(account.available())),
    }
}

pub(super) fn payout(payout: &Stored<Payout>) -> v1::Payout {
    let state = match payout.state() {
        payout::State::Pending => v1::PayoutState::Pending,
        payout::State::InTransit => v1::PayoutState::InTransit,
        payout::State::Paid => v1::PayoutState::Paid,
        payout::State::Failed => v1::PayoutState::Failed,
        payout::State::Returned => v1::PayoutState::Returned,
    };
    v1::Payout {
        id: payout.id.to_string(),
        owner_id: payout.owner.to_string(),
        amount: Some(money(payout.amount)),
        bank_account_token: payout.bank_account_token.clone(),
        state: state.into(),
        failure_reason: payout.failure_reason().to_owned(),
        etag: payout.etag(),
        create_time: Some(timestamp(payout.created)),
        update_time: Some(timestamp(payout.updated())),
    }
}

/// An amount in minor units of a currency that the database gave.
pub(super) fn amount(minor_units: i64, currency: kernel::Currency) -> Option<proto::money::v1::Money> {
    Some(money(Money::new(minor_units, currency)))
}
