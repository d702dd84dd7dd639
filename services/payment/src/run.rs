//! Wiring: database, events, the provider, timers and RPCs.

use std::sync::Arc;

use ::store::{Options, Store, Timers};
use events::{Bus, Operations};
use proto::payment::v1::{
    intent_service_server::IntentServiceServer, ledger_service_server::LedgerServiceServer, payment_service_server::PaymentServiceServer,
    payout_service_server::PayoutServiceServer, provider_service_server::ProviderServiceServer, wallet_service_server::WalletServiceServer,
};
use runtime::{Error, Organisations, Secret, Settings, Start, webhooks::Verifier, with};
use serde::Deserialize;
use tonic::service::Routes;

use crate::{
    api::Api,
    audits,
    charging::{self, Charging},
    consumers, ending_escrows, gathering_fees, paying_out,
    providers::{Provider, Sandbox},
    sealing,
    store::migrations::Migrator,
};

/// Whom payment calls.
const PEERS: [&str; 1] = ["identity"];

/// Payment's own settings.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Whether the sandbox provider takes payments and sends payouts, for trying things out: it makes money out of nothing, for anybody.
    /// There is no other provider yet, so without it nothing comes in from cards and banks or goes out to them; wallets pay nevertheless.
    pub sandbox: bool,
    /// The Standard Webhooks secret that the sandbox provider signs its
    /// callbacks with, as `whsec_…`. Callbacks are refused while it is not set.
    pub sandbox_webhook_secret: Secret,
}

/// Whether the service could start with these settings, as far as that can be told without anybody else.
///
/// # Errors
/// The first setting that it could not start with.
pub fn check(settings: &Settings, config: &Config) -> Result<(), Error> {
    events::check(settings)?;
    callbacks(config)?;
    settings.must_name(&PEERS)
}

/// What verifies the callbacks of the sandbox; nothing without a secret.
fn callbacks(config: &Config) -> Result<Option<Verifier>, Error> {
    Verifier::of(&config.sandbox_webhook_secret).map_err(|error| Error::Configuration(format!("payment.sandbox_webhook_secret: {error}")))
}

/// Runs the service until the process is told to end.
///
/// # Errors
/// A database, event bus or setting that cannot be had.
pub async fn run(mut start: Start<Config>) -> Result<(), Error> {
    let callbacks = callbacks(&start.config)?;
    let [identity] = start.peers(PEERS)?;
    let store = Store::open::<Migrator>(start.settings.database.reveal(), Options::of(&start)).await?;
    let bus = Bus::of(&start).await?;
    let relay = bus.relay(&store, "payment").await?;

    let sandbox = start
        .config
        .sandbox
        .then(|| Arc::new(Sandbox::new(store.clone())) as Arc<dyn Provider>);
    let charging = Charging {
        provider: sandbox,
        store: store.clone(),
    };
    consumers::start(&bus, &store).await?;
    let timers = Timers::new(&store)
        .on(charging::ASK, with(&charging, charging::ask))
        .on(paying_out::SEND, with(&charging, paying_out::send))
        .on(ending_escrows::LOOK, with(&store, ending_escrows::look));
    start.beside(timers.run());
    start.beside(sealing::run(store.clone()));
    start.beside(gathering_fees::run(store.clone()));

    let operations = audits::add(Operations::new("payment", &store, &bus), &store);
    let api = Arc::new(Api::new(store, charging, Organisations::of(identity), callbacks));
    let routes = Routes::new(PaymentServiceServer::from_arc(Arc::clone(&api)))
        .add_service(IntentServiceServer::from_arc(Arc::clone(&api)))
        .add_service(WalletServiceServer::from_arc(Arc::clone(&api)))
        .add_service(PayoutServiceServer::from_arc(Arc::clone(&api)))
        .add_service(ProviderServiceServer::from_arc(Arc::clone(&api)))
        .add_service(LedgerServiceServer::from_arc(api))
        .add_service(operations.server());
    relay.serve(start, routes).await
}
