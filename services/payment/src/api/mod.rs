//! The verbs of payment: one RPC a file.

mod cancel_intent;
mod confirm_payment;
mod create_payout;
mod get_escrow;
mod get_payment;
mod get_payout;
mod get_trial_balance;
mod get_wallet;
mod list_payments;
mod list_payouts;
mod list_wallet_entries;
mod list_wallets;
mod open_intent;
mod present;
mod receive_provider_event;
mod top_up_wallet;
mod transfer_funds;

use std::sync::Arc;

use kernel::{Money, PaymentId, Time};
use moka::sync::Cache;
use proto::payment::v1::{
    self as v1, intent_service_server::IntentService, ledger_service_server::LedgerService, payment_service_server::PaymentService,
    payout_service_server::PayoutService, provider_service_server::ProviderService, wallet_service_server::WalletService,
};
use runtime::{Organisations, Violations, webhooks::Verifier};
use store::Store;
use tonic::{Request, Response, Status};

use crate::{charging::Charging, domain::intent::Intent, providers::Means};

/// What every handler works with.
pub(crate) struct Api {
    store: Store,
    charging: Charging,
    organisations: Organisations,
    /// Verifies what the provider says by itself; nothing is believed without it.
    callbacks: Option<Verifier>,
    /// Intents as they were opened here lately, for what never changes of them: who
    /// pays how much for which orders. Another replica may have opened one.
    opened: Cache<PaymentId, Arc<Intent>>,
}

/// How many opened intents are remembered.
const OPENED: u64 = 10_000;

impl Api {
    pub(crate) fn new(store: Store, charging: Charging, organisations: Organisations, callbacks: Option<Verifier>) -> Self {
        Self {
            store,
            charging,
            organisations,
            callbacks,
            opened: Cache::new(OPENED),
        }
    }

    fn now(&self) -> Time {
        self.store.clock().now()
    }
}

/// How a request says that it is paid.
enum Method {
    Wallet,
    Provider(Means),
}

/// An amount that can be paid at once.
fn payable(check: &mut Violations, amount: Option<&proto::money::v1::Money>) -> Option<Money> {
    let payable = amount.is_none_or(|amount| amount.minor_units <= Money::MOST_PAYABLE);
    check.require(payable, "amount.minor_units", "must be at most 1,000,000,000,000,000");
    check.positive_money("amount", amount)
}

fn method(check: &mut Violations, method: Option<&v1::PaymentMethod>) -> Option<Method> {
    use v1::payment_method::Means as Named;
    match method.and_then(|method| method.means.as_ref()) {
        Some(Named::Wallet(_)) => Some(Method::Wallet),
        Some(Named::Card(card)) => Some(Method::Provider(Means::Card(check.text("method.card.token", &card.token, 1..=200)))),
        Some(Named::BankTransfer(_)) => Some(Method::Provider(Means::BankTransfer)),
        Some(Named::Voucher(voucher)) => Some(Method::Provider(Means::Voucher(check.text(
            "method.voucher.code",
            &voucher.code,
            1..=100,
        )))),
        None => {
            check.add("method", "must name one means of payment");
            None
        }
    }
}

#[tonic::async_trait]
impl PaymentService for Api {
    async fn get_payment(&self, request: Request<v1::GetPaymentRequest>) -> Result<Response<v1::Payment>, Status> {
        get_payment::handle(self, &request).await.map(Response::new)
    }

    async fn list_payments(&self, request: Request<v1::ListPaymentsRequest>) -> Result<Response<v1::ListPaymentsResponse>, Status> {
        list_payments::handle(self, &request).await.map(Response::new)
    }

    async fn confirm_payment(&self, request: Request<v1::ConfirmPaymentRequest>) -> Result<Response<v1::Payment>, Status> {
        confirm_payment::handle(self, &request).await.map(Response::new)
    }

    async fn get_escrow(&self, request: Request<v1::GetEscrowRequest>) -> Result<Response<v1::Escrow>, Status> {
        get_escrow::handle(self, &request).await.map(Response::new)
    }
}

#[tonic::async_trait]
impl IntentService for Api {
    async fn open_intent(&self, request: Request<v1::OpenIntentRequest>) -> Result<Response<v1::Payment>, Status> {
        open_intent::handle(self, request.into_inner()).await.map(Response::new)
    }

    async fn cancel_intent(&self, request: Request<v1::CancelIntentRequest>) -> Result<Response<v1::CancelIntentResponse>, Status> {
        cancel_intent::handle(self, request.into_inner()).await.map(Response::new)
    }
}

#[tonic::async_trait]
impl WalletService for Api {
    async fn list_wallets(&self, request: Request<v1::ListWalletsRequest>) -> Result<Response<v1::ListWalletsResponse>, Status> {
        list_wallets::handle(self, &request).await.map(Response::new)
    }

    async fn get_wallet(&self, request: Request<v1::GetWalletRequest>) -> Result<Response<v1::Wallet>, Status> {
        get_wallet::handle(self, &request).await.map(Response::new)
    }

    async fn list_wallet_entries(
        &self,
        request: Request<v1::ListWalletEntriesRequest>,
    ) -> Result<Response<v1::ListWalletEntriesResponse>, Status> {
        list_wallet_entries::handle(self, &request).await.map(Response::new)
    }

    async fn top_up_wallet(&self, request: Request<v1::TopUpWalletRequest>) -> Result<Response<v1::Payment>, Status> {
        top_up_wallet::handle(self, &request).await.map(Response::new)
    }

    async fn transfer_funds(&self, request: Request<v1::TransferFundsRequest>) -> Result<Response<v1::Transfer>, Status> {
        transfer_funds::handle(self, &request).await.map(Response::new)
    }
}

#[tonic::async_trait]
impl PayoutService for Api {
    async fn create_payout(&self, request: Request<v1::CreatePayoutRequest>) -> Result<Response<v1::Payout>, Status> {
        create_payout::handle(self, &request).await.map(Response::new)
    }

    async fn get_payout(&self, request: Request<v1::GetPayoutRequest>) -> Result<Response<v1::Payout>, Status> {
        get_payout::handle(self, &request).await.map(Response::new)
    }

    async fn list_payouts(&self, request: Request<v1::ListPayoutsRequest>) -> Result<Response<v1::ListPayoutsResponse>, Status> {
        list_payouts::handle(self, &request).await.map(Response::new)
    }
}

#[tonic::async_trait]
impl ProviderService for Api {
    async fn receive_provider_event(
        &self,
        request: Request<v1::ReceiveProviderEventRequest>,
    ) -> Result<Response<v1::ReceiveProviderEventResponse>, Status> {
        receive_provider_event::handle(self, request).await.map(Response::new)
    }
}

#[tonic::async_trait]
impl LedgerService for Api {
    async fn get_trial_balance(&self, _: Request<v1::GetTrialBalanceRequest>) -> Result<Response<v1::TrialBalance>, Status> {
        get_trial_balance::handle(self).await.map(Response::new)
    }
}
