//! What the broker has is what was asked, setting by setting: it is changed where it can be, and refused where it cannot.

use std::{
    process::{Child, Command, Stdio},
    time::Duration,
};

use async_nats::jetstream::{
    self, Context,
    consumer::{AckPolicy, PullConsumer, pull},
    stream::Config,
};
use events::{Bus, Event, Failure};
use harness::{Database, Nats, Ports, nats_server, until};
use tempfile::TempDir;

use crate::world::{Listener, World, open, tell};

/// The broker, as somebody sees it who goes behind our back.
async fn behind(nats: &Nats) -> Context {
    jetstream::new(nats.client().await)
}

/// The stream as it is asked for, made by that somebody.
async fn changed(nats: &Nats, change: impl FnOnce(&mut Config)) {
    let mut config = Config {
        name: "bank".to_owned(),
        subjects: vec!["bank.v1.>".to_owned()],
        max_age: store::KEEP_EVENTS,
        duplicate_window: Duration::from_secs(120),
        ..Config::default()
    };
    change(&mut config);
    behind(nats).await.create_stream(config).await.unwrap();
}

async fn refused(nats: &Nats) -> String {
    let database = Database::sqlite();
    let bus = Bus::connect(&nats.url()).await.unwrap();
    let relay = bus.relay(&open(&database).await, "bank").await;
    relay.err().unwrap().to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_would_lose_events_is_refused_by_the_name_of_the_setting() {
    for setting in ["max_age", "duplicate_window", "max_messages", "no_ack"] {
        let nats = Nats::start().await;
        changed(&nats, |config| match setting {
            "max_age" => config.max_age = Duration::from_secs(7_200),
            "duplicate_window" => config.duplicate_window = Duration::from_secs(60),
            "max_messages" => config.max_messages = 1_000,
            _ => config.no_ack = true,
        })
        .await;
        let said = refused(&nats).await;
        assert!(
            said.contains("stream bank is not what was asked for") && said.contains(setting),
            "{said}"
        );
    }
    let nats = Nats::start().await;
    changed(&nats, |_| {}).await;
    let database = Database::sqlite();
    let bus = Bus::connect(&nats.url()).await.unwrap();
    bus.relay(&open(&database).await, "bank").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consumer_that_was_changed_gets_what_was_asked_and_keeps_its_place() {
    let world = World::new().await;
    let stream = behind(&world.nats).await.get_stream("bank").await.unwrap();
    let other = pull::Config {
        durable_name: Some("listener-taken".to_owned()),
        ack_policy: AckPolicy::Explicit,
        ack_wait: Duration::from_secs(1),
        max_ack_pending: 3,
        max_deliver: 2,
        filter_subject: "bank.v1.taken".to_owned(),
        ..pull::Config::default()
    };
    let _: PullConsumer = stream.create_consumer(other).await.unwrap();

    world.listens().await;
    let has = stream.consumer_info("listener-taken").await.unwrap().config;
    assert_eq!(
        (has.ack_wait, has.max_ack_pending, has.max_deliver),
        (Duration::from_secs(8), 1_024, -1)
    );
    world.tell(7, [1]).await;
    until("it is heard", || async { world.listener.heard() == [1] }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_that_hears_of_more_hears_everything_and_takes_nothing_from_the_one_before() {
    let world = World::new().await;
    let database = Database::sqlite();
    let after = open(&database).await;
    world.listens().await;
    world.tell(7, [1]).await;
    until("the release before hears", || async { world.listener.heard() == [1] }).await;

    let wide = Listener::default();
    let replica = || async {
        let also = wide.consumer(&world.bus, &after);
        let also = also.on("bank.v1.given", |_: Event| async { Ok::<(), Failure>(()) });
        also.start().await
    };
    let (one, other) = tokio::join!(replica(), replica());
    one.and(other).unwrap();
    world.tell(7, 2..20).await;
    let all: Vec<u64> = (1..20).collect();
    until("both hear all", || async {
        [&wide, &world.listener].iter().all(|listener| listener.heard_sorted() == all)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consumer_that_cannot_be_changed_is_refused() {
    let nats = Nats::start().await;
    let database = Database::sqlite();
    let store = open(&database).await;
    let bus = Bus::connect(&nats.url()).await.unwrap();
    bus.relay(&store, "bank").await.unwrap();
    let stream = behind(&nats).await.get_stream("bank").await.unwrap();
    let other = pull::Config {
        durable_name: Some("listener-taken".to_owned()),
        ack_policy: AckPolicy::None,
        ..pull::Config::default()
    };
    let _: PullConsumer = stream.create_consumer(other).await.unwrap();
    let said = Listener::default().consumer(&bus, &store).start().await.unwrap_err().to_string();
    assert!(said.contains("consumer listener-taken of stream bank"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_cannot_keep_as_many_replicas_is_refused() {
    // It stands alone.
    let nats = Nats::start().await;
    let database = Database::sqlite();
    let store = open(&database).await;
    let bus = Bus::connect(&nats.url()).await.unwrap();
    let three = bus.clone().with_replicas(3);
    let said = three.relay(&store, "bank").await.err().unwrap().to_string();
    assert!(said.contains("stream bank") && said.contains("replicas"), "{said}");
    // It is not taken for more than it is when there is a stream already.
    bus.relay(&store, "bank").await.unwrap();
    let said = three.relay(&store, "bank").await.err().unwrap().to_string();
    assert!(said.contains("stream bank") && said.contains("replicas"), "{said}");
}

/// Three servers of one cluster, ended with the test.
struct Cluster {
    ports: Ports,
    servers: Vec<Child>,
    _folder: TempDir,
}

impl Cluster {
    async fn start() -> Self {
        let (ports, folder) = (Ports::hundred(), tempfile::tempdir().unwrap());
        let first = ports.first();
        let route = |server: u16| format!("nats://127.0.0.1:{}", first + 10 + server);
        let routes = (0..3).map(route).collect::<Vec<_>>().join(",");
        let servers = (0..3).map(|server| {
            let mut command = Command::new(nats_server());
            command.args(["--addr", "127.0.0.1", "--port", &(first + server).to_string()]);
            command.args(["--name", &format!("server{server}"), "--cluster_name", "tests"]);
            command.args(["--cluster", &route(server), "--routes", &routes]);
            command
                .arg("--jetstream")
                .arg("--store_dir")
                .arg(folder.path().join(server.to_string()));
            command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
        });
        Self {
            servers: servers.collect(),
            ports,
            _folder: folder,
        }
    }

    fn urls(&self) -> String {
        let first = self.ports.first();
        let urls = (first..first + 3).map(|port| format!("nats://127.0.0.1:{port}"));
        urls.collect::<Vec<_>>().join(",")
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        for server in &mut self.servers {
            let _ = server.kill();
            let _ = server.wait();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_is_kept_by_as_many_servers_as_were_asked_for_and_survives_one_of_them() {
    let mut cluster = Cluster::start().await;
    let (teller, hearer) = (Database::sqlite(), Database::sqlite());
    let (teller, hearer) = (open(&teller).await, open(&hearer).await);
    let bus = Bus::connect(&cluster.urls()).await.unwrap();
    // It is not there from the beginning: the servers agree on a leader first. The release before asked for one replica.
    until("the cluster has a leader", || async { bus.relay(&teller, "bank").await.is_ok() }).await;
    let three = bus.clone().with_replicas(3);
    let listener = Listener::default();
    listener.consumer(&three, &hearer).start().await.unwrap();
    for number in 0..5 {
        tell(&teller, 7, number).await;
    }
    until("all is heard", || async { listener.heard_sorted() == [0, 1, 2, 3, 4] }).await;
    let context = jetstream::new(async_nats::connect(cluster.urls().split(',').collect::<Vec<_>>()).await.unwrap());
    until("two others keep what the leader has", || async {
        let info = context.get_stream("bank").await.ok().map(|stream| stream.cached_info().clone());
        let others = info
            .and_then(|info| info.cluster)
            .map(|cluster| cluster.replicas)
            .unwrap_or_default();
        others.len() == 2 && others.iter().all(|other| other.current)
    })
    .await;
    // Whoever asks for one leaves it at three.
    bus.history("bank").await.unwrap();
    let kept = context.get_stream("bank").await.unwrap();
    assert_eq!(kept.cached_info().config.num_replicas, 3);

    let lost = cluster.servers.first_mut().unwrap();
    lost.kill().unwrap();
    lost.wait().unwrap();
    tell(&teller, 7, 5).await;
    until("what is told is heard without it", || async { listener.heard().contains(&5) }).await;
}
