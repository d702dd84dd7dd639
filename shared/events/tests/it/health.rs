//! What a process says of itself while its broker or its database is away.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use events::Bus;
use harness::{Authority, Database, Nats, channel, until};
use runtime::{Settings, health};
use sea_orm::{ConnectionTrait, Database as SeaOrm};
use store::Store;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tonic::{service::Routes, transport::Channel};
use tonic_health::pb::{HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient};

use crate::world::{drained, open, tell};

/// A service without RPCs that publishes what it is told.
struct Service {
    store: Store,
    channel: Channel,
    shutdown: CancellationToken,
    /// Serves until it ends.
    serving: JoinHandle<Result<(), runtime::Error>>,
}

impl Service {
    async fn start(database: &Database, nats: &Nats) -> Self {
        Self::configured(database, nats, Arc::new(AtomicBool::new(true)), |_| {}).await
    }

    /// With other settings, and something else to wait for.
    async fn configured(database: &Database, nats: &Nats, ready: Arc<AtomicBool>, change: impl FnOnce(&mut Settings)) -> Self {
        let store = open(database).await;
        let authority = Authority::new();
        let mut settings = authority.settings("order", database.url(), &nats.url(), &[]);
        change(&mut settings);
        let start = authority.start("order", settings, ()).await;
        let relay = Bus::of(&start).await.unwrap().relay(&store, "bank").await.unwrap();
        let shutdown = start.shutdown.clone();
        let channel = channel(start.address());
        let serving = tokio::spawn(relay.serve_when(start, Routes::default(), move || ready.load(Ordering::SeqCst)));
        Self {
            store,
            channel,
            shutdown,
            serving,
        }
    }

    /// Whether all is well, whether requests may come, and whether it runs.
    async fn says(&self) -> [bool; 3] {
        let mut client = HealthClient::new(self.channel.clone());
        let mut said = [false; 3];
        for (name, said) in ["", health::READY, health::ALIVE].into_iter().zip(&mut said) {
            let asked = HealthCheckRequest { service: name.to_owned() };
            let answer = client.check(asked).await.unwrap().into_inner();
            *said = answer.status() == ServingStatus::Serving;
        }
        said
    }

    async fn will_say(&self, what: &str, says: [bool; 3]) {
        until(what, || async { self.says().await == says }).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_lost_the_broker_says_so_and_takes_requests_all_the_same() {
    for database in harness::databases().await {
        let mut nats = Nats::start().await;
        let service = Service::start(&database, &nats).await;
        service.will_say("all is well", [true, true, true]).await;
        nats.kill();
        service.will_say("the broker is missed", [false, true, true]).await;
        tell(&service.store, 7, 1).await;
        nats.resume().await;
        service.will_say("all is well again", [true, true, true]).await;
        drained(&service.store).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_lost_its_database_sends_requests_elsewhere_and_lives_on() {
    // A file cannot be lost.
    let Some(database) = Database::postgres().await else { return };
    let nats = Nats::start().await;
    let service = Service::start(&database, &nats).await;
    service.will_say("all is well", [true, true, true]).await;
    let (server, name) = database.url().rsplit_once('/').unwrap();
    let admin = SeaOrm::connect(format!("{server}/postgres")).await.unwrap();
    let lose = format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false");
    let end = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");
    for statement in [lose, end] {
        admin.execute_unprepared(&statement).await.unwrap();
    }
    service.will_say("the database is missed", [false, false, true]).await;
    let find = format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true");
    admin.execute_unprepared(&find).await.unwrap();
    service.will_say("all is well again", [true, true, true]).await;
    tell(&service.store, 7, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_a_connection_that_fell_silent_ends_once_the_database_answers_on_new_ones() {
    let Some(database) = Database::postgres().await else { return };
    let (database, line) = database.by_a_line().await;
    let nats = Nats::start().await;
    let ready = Arc::new(AtomicBool::new(true));
    let service = Service::configured(&database, &nats, ready, |settings| settings.database_silence_ms = 5_000).await;
    service.will_say("all is well", [true, true, true]).await;
    tell(&service.store, 7, 1).await;
    line.fall_silent();
    let store = service.store.clone();
    let lost = tokio::spawn(async move { tell(&store, 8, 2).await });
    let ended = service.serving.await.unwrap().unwrap_err().to_string();
    assert!(ended.contains("fell silent"), "{ended}");
    assert!(!lost.is_finished(), "what waited for the silent connection was answered");
    lost.abort();

    let next = Service::start(&database, &nats).await;
    next.will_say("all is well again", [true, true, true]).await;
    tell(&next.store, 8, 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_waits_for_something_of_its_own_is_not_ready_until_it_is_there() {
    let (database, nats) = (Database::sqlite(), Nats::start().await);
    let index = Arc::new(AtomicBool::new(false));
    let service = Service::configured(&database, &nats, Arc::clone(&index), |_| {}).await;
    service.will_say("the index is missed", [false, false, true]).await;
    index.store(true, Ordering::SeqCst);
    service.will_say("all is well", [true, true, true]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_told_to_end_sends_requests_elsewhere() {
    let (database, nats) = (Database::sqlite(), Nats::start().await);
    let service = Service::start(&database, &nats).await;
    service.will_say("all is well", [true, true, true]).await;
    // A stream keeps the process from ending at once.
    let mut client = HealthClient::new(service.channel.clone());
    let asked = HealthCheckRequest {
        service: health::READY.to_owned(),
    };
    let mut watched = client.watch(asked).await.unwrap().into_inner();
    assert_eq!(watched.message().await.unwrap().unwrap().status(), ServingStatus::Serving);
    service.shutdown.cancel();
    assert_eq!(watched.message().await.unwrap().unwrap().status(), ServingStatus::NotServing);
}
