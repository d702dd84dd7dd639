//! A running payment service, and those who call it.

use std::net::SocketAddr;

use aws_lc_rs::hmac;
use base64::{Engine, prelude::BASE64_STANDARD};
use harness::{Authority, Database, Identity, Nats, channel, until, usd};
use kernel::{CheckoutId, Clock, OrderId, OrganisationId, PaymentId};
use payment::Config;
use proto::{
    money::v1::Money,
    payment::v1::{
        self as v1, intent_service_client::IntentServiceClient, payment_method::Means, payment_service_client::PaymentServiceClient,
        payout_service_client::PayoutServiceClient, provider_service_client::ProviderServiceClient,
        wallet_service_client::WalletServiceClient,
    },
};
use runtime::{Secret, SystemClock};
use tokio_util::sync::CancellationToken;
use tonic::{Request, Status, metadata::MetadataKey, transport::Channel};

/// What the sandbox provider signs its callbacks with.
const WEBHOOK_SECRET: &[u8] = b"known to the tests and to nobody else";

/// One payment service under test.
pub(crate) struct Setting {
    pub(crate) authority: Authority,
    pub(crate) nats: Nats,
    pub(crate) address: SocketAddr,
    shutdown: CancellationToken,
    pub(crate) database: Database,
}

impl Setting {
    pub(crate) async fn on(database: Database) -> Self {
        Self::configured(database, sandbox()).await
    }

    pub(crate) async fn configured(database: Database, config: Config) -> Self {
        let (authority, nats) = (Authority::new(), Nats::start().await);
        let (address, shutdown) = start(&authority, &database, &nats, config).await;
        Self {
            authority,
            nats,
            address,
            shutdown,
            database,
        }
    }

    /// Another replica, on the same database.
    pub(crate) async fn replica(&self) -> SocketAddr {
        start(&self.authority, &self.database, &self.nats, sandbox()).await.0
    }

    /// Ends the service and starts it again, on the same database.
    pub(crate) async fn restart(&mut self) {
        self.restart_with(sandbox()).await;
    }

    /// The same, with other settings.
    pub(crate) async fn restart_with(&mut self, config: Config) {
        self.shutdown.cancel();
        (self.address, self.shutdown) = start(&self.authority, &self.database, &self.nats, config).await;
    }

    pub(crate) fn channel(&self) -> Channel {
        channel(self.address)
    }

    pub(crate) fn payments(&self) -> PaymentServiceClient<Channel> {
        PaymentServiceClient::new(self.channel())
    }

    pub(crate) fn payouts(&self) -> PayoutServiceClient<Channel> {
        PayoutServiceClient::new(self.channel())
    }

    /// Opens a checkout's intent: so much for each of these sellers.
    pub(crate) async fn open(
        &self,
        payment: PaymentId,
        buyer: OrganisationId,
        sellers: &[(OrganisationId, i64)],
    ) -> Result<v1::Payment, Status> {
        let orders = sellers.iter().enumerate().map(|(place, (seller, amount))| v1::OrderAmount {
            order_id: order(payment, place).to_string(),
            seller_id: seller.to_string(),
            amount: usd(*amount),
            fee: usd(amount / 40),
        });
        let message = v1::OpenIntentRequest {
            payment_id: payment.to_string(),
            checkout_id: CheckoutId::derived(payment, "checkout").to_string(),
            payer_id: buyer.to_string(),
            orders: orders.collect(),
            currency: "USD".to_owned(),
        };
        let request = self.authority.service("order", "payment", message);
        IntentServiceClient::new(self.channel())
            .open_intent(request)
            .await
            .map(tonic::Response::into_inner)
    }

    pub(crate) async fn cancel(&self, payment: PaymentId) -> v1::cancel_intent_response::Outcome {
        self.asked_to_cancel(payment).await.outcome()
    }

    /// The whole answer.
    pub(crate) async fn asked_to_cancel(&self, payment: PaymentId) -> v1::CancelIntentResponse {
        let message = v1::CancelIntentRequest {
            payment_id: payment.to_string(),
            ..v1::CancelIntentRequest::default()
        };
        let request = self.authority.service("order", "payment", message);
        IntentServiceClient::new(self.channel())
            .cancel_intent(request)
            .await
            .unwrap()
            .into_inner()
    }

    pub(crate) async fn confirm(&self, payer: OrganisationId, payment: PaymentId, key: &str, means: Means) -> Result<v1::Payment, Status> {
        let message = v1::ConfirmPaymentRequest {
            request_id: key.to_owned(),
            payment_id: payment.to_string(),
            method: method(means),
        };
        self.payments()
            .confirm_payment(self.authority.person(payer, message))
            .await
            .map(tonic::Response::into_inner)
    }

    /// The sandbox provider calls back: it has captured so many cents under this attempt.
    pub(crate) async fn captured(&self, payment: PaymentId, attempt: i64, minor_units: i64) -> Result<(), Status> {
        self.call_back(format!(
            r#"{{"payment_id": "{payment}", "attempt": {attempt}, "outcome": "captured", "minor_units": {minor_units}, "currency": "USD"}}"#
        ))
        .await
    }

    /// The sandbox provider calls back with this body.
    pub(crate) async fn call_back(&self, body: String) -> Result<(), Status> {
        let timestamp = (SystemClock.now().micros() / 1_000_000).to_string();
        let key = hmac::Key::new(hmac::HMAC_SHA256, WEBHOOK_SECRET);
        let tag = hmac::sign(&key, format!("msg_1.{timestamp}.{body}").as_bytes());
        let mut message = v1::ReceiveProviderEventRequest {
            provider: "sandbox".to_owned(),
            ..v1::ReceiveProviderEventRequest::default()
        };
        message.body.get_or_insert_default().data = body.into_bytes().into();
        let mut request = Request::new(message);
        let signature = format!("v1,{}", BASE64_STANDARD.encode(tag));
        for (name, value) in [("id", "msg_1"), ("timestamp", &timestamp), ("signature", &signature)] {
            let name = MetadataKey::from_bytes(format!("webhook-{name}").as_bytes()).unwrap();
            request.metadata_mut().insert(name, value.parse().unwrap());
        }
        ProviderServiceClient::new(self.channel())
            .receive_provider_event(request)
            .await
            .map(drop)
    }

    pub(crate) async fn top_up(&self, owner: OrganisationId, key: &str, amount: i64, token: &str) -> Result<v1::Payment, Status> {
        let means = Means::Card(v1::CardMeans { token: token.to_owned() });
        let message = v1::TopUpWalletRequest {
            request_id: key.to_owned(),
            amount: usd(amount),
            method: method(means),
        };
        let request = self.authority.person(owner, message);
        WalletServiceClient::new(self.channel())
            .top_up_wallet(request)
            .await
            .map(tonic::Response::into_inner)
    }

    /// Balance and what of it is available, in cents.
    pub(crate) async fn wallet(&self, owner: OrganisationId) -> (i64, i64) {
        let message = v1::GetWalletRequest {
            currency: "USD".to_owned(),
        };
        let wallet = WalletServiceClient::new(self.channel())
            .get_wallet(self.authority.person(owner, message))
            .await
            .unwrap()
            .into_inner();
        (wallet.balance.unwrap().minor_units, wallet.available.unwrap().minor_units)
    }

    /// Waits until an organisation has so many cents.
    pub(crate) async fn has(&self, owner: OrganisationId, cents: i64) {
        until(&format!("{owner} has {cents} cents"), || async {
            self.wallet(owner).await.0 == cents
        })
        .await;
    }

    pub(crate) async fn payment(&self, payer: OrganisationId, payment: PaymentId) -> v1::Payment {
        let message = v1::GetPaymentRequest {
            payment_id: payment.to_string(),
        };
        self.payments()
            .get_payment(self.authority.person(payer, message))
            .await
            .unwrap()
            .into_inner()
    }

    /// Held, released and refunded, in cents.
    pub(crate) async fn escrow(&self, party: OrganisationId, order: OrderId) -> Result<(i64, i64, i64), Status> {
        let message = v1::GetEscrowRequest {
            order_id: order.to_string(),
        };
        let escrow = self
            .payments()
            .get_escrow(self.authority.person(party, message))
            .await?
            .into_inner();
        let cents = |money: Option<Money>| money.unwrap().minor_units;
        Ok((cents(escrow.held), cents(escrow.released), cents(escrow.refunded)))
    }

    /// The books must be right whatever happened before.
    pub(crate) async fn books_are_right(&self) {
        assert_eq!(self.violations().await, Vec::<String>::new());
    }

    /// What the books' invariants find.
    pub(crate) async fn violations(&self) -> Vec<String> {
        let request = self.authority.operator(organisation(0), v1::GetTrialBalanceRequest {});
        let balance = v1::ledger_service_client::LedgerServiceClient::new(self.channel())
            .get_trial_balance(request)
            .await
            .unwrap();
        balance.into_inner().violations
    }
}

/// With the sandbox provider.
fn sandbox() -> Config {
    Config {
        sandbox: true,
        sandbox_webhook_secret: Secret::new(format!("whsec_{}", BASE64_STANDARD.encode(WEBHOOK_SECRET))),
    }
}

/// Starts a replica, and waits until it serves: two that migrate one new database would run into each other.
async fn start(authority: &Authority, database: &Database, nats: &Nats, config: Config) -> (SocketAddr, CancellationToken) {
    let peers = [("identity", Identity::start().await)];
    let settings = authority.settings("payment", database.url(), &nats.url(), &peers);
    let start = authority.start("payment", settings, config).await;
    let (address, shutdown) = (start.address(), start.shutdown.clone());
    tokio::spawn(async move { payment::run(start).await.unwrap() });
    until("payment serves", || {
        let request = authority.person(organisation(0), v1::ListWalletsRequest {});
        let mut wallets = WalletServiceClient::new(channel(address));
        async move { wallets.list_wallets(request).await.is_ok() }
    })
    .await;
    (address, shutdown)
}

pub(crate) fn organisation(number: u128) -> OrganisationId {
    OrganisationId::from_uuid(uuid::Uuid::from_u128(number))
}

pub(crate) fn payment_id() -> PaymentId {
    PaymentId::at(SystemClock.now())
}

pub(crate) fn order(payment: PaymentId, place: usize) -> OrderId {
    OrderId::derived(payment, &format!("order {place}"))
}

pub(crate) fn method(means: Means) -> Option<v1::PaymentMethod> {
    Some(v1::PaymentMethod { means: Some(means) })
}

pub(crate) fn wallet() -> Means {
    Means::Wallet(v1::WalletMeans {})
}

pub(crate) fn card(token: &str) -> Means {
    Means::Card(v1::CardMeans { token: token.to_owned() })
}
