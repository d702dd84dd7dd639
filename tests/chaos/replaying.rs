//! A marketplace that is replayed while everything is killed, the replay too: files and system agree at the end.

use std::{fs, fs::File, path::Path, process::Stdio};

use harness::until;
use rand::{Rng, SeedableRng, rngs::StdRng, seq::SliceRandom};
use tests::{
    Database, Ecosystem, SERVICES,
    olist::{FileOrder, write},
};
use tokio::process::{Child, Command};

/// What the files know, more often of what takes longest.
const STATUSES: [&str; 12] = [
    "delivered",
    "shipped",
    "canceled",
    "delivered",
    "invoiced",
    "created",
    "delivered",
    "unavailable",
    "processing",
    "delivered",
    "approved",
    "canceled",
];

const PRODUCTS: [&str; 3] = ["p1", "p2", "p3"];
const SELLERS: [&str; 4] = ["s1", "s2", "s3", "s4"];
const MEANS: [&str; 4] = ["credit_card", "voucher", "boleto", "debit_card"];

/// How many orders there are.
const ORDERS: usize = 60;

/// The replay itself, among those that are killed.
const REPLAY: &str = "replay";

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_agrees_with_its_files_although_every_process_was_killed() {
    for database in Database::at_hand() {
        let seed: u64 = rand::rng().random();
        println!("{database:?}, seed {seed}");
        storm(database, StdRng::seed_from_u64(seed)).await;
    }
}

async fn storm(database: Database, mut chance: StdRng) {
    let ecosystem = Ecosystem::start(database).await;
    let folders = tempfile::tempdir().unwrap();
    let folder = write(&folders.path().join("marketplace"), &marketplace(&mut chance));
    let said = folders.path().join("said");
    let mut victims: Vec<String> = SERVICES.iter().flat_map(|service| ecosystem.replicas(service)).collect();
    victims.extend(["gateway", "nats", REPLAY].map(str::to_owned));
    if database == Database::PostgresWithReplicas {
        victims.push("postgres".to_owned());
    }
    victims.shuffle(&mut chance);

    // The replay notes when an order begins and when it is done: all are killed before the last is.
    let apart = 2 * ORDERS / (victims.len() + 1);
    let notes = || {
        let text = fs::read_to_string(ecosystem.home().join("replay.journal")).unwrap_or_default();
        text.lines()
            .filter(|line| line.starts_with("begun") || line.starts_with("done"))
            .count()
    };
    let mut replay = start(&ecosystem, &folder, &said);
    let mut due = 0;
    for victim in &victims {
        due += chance.random_range(apart / 2..=apart);
        let what = format!("{due} notes are made, and {victim} is killed");
        tokio::select! {
            () = until(&what, || async { notes() >= due }) => {}
            _ = replay.wait() => panic!("over before {victim} is killed:\n{}", fs::read_to_string(&said).unwrap()),
        }
        if victim == REPLAY {
            replay.kill().await.unwrap();
            replay = start(&ecosystem, &folder, &said);
        } else {
            ecosystem.kill(victim);
        }
    }
    let agrees = replay.wait().await.unwrap().success();
    let said = fs::read_to_string(&said).unwrap();
    assert!(agrees && said.contains("files and system agree"), "{said}");
    ecosystem.is_well().await;
}

fn start(ecosystem: &Ecosystem, folder: &Path, said: &Path) -> Child {
    let mut replay = Command::new(tests::program());
    replay.arg("replay").arg(folder).args(["--gateway", &ecosystem.url(), "--data"]);
    let file = File::create(said).unwrap();
    replay
        .arg(ecosystem.data())
        .stdin(Stdio::null())
        .stderr(file.try_clone().unwrap())
        .stdout(file);
    replay.kill_on_drop(true).spawn().unwrap()
}

/// Orders of every status, of several sellers and pieces, and paid at once or bit by bit.
fn marketplace(chance: &mut StdRng) -> Vec<FileOrder> {
    let order = |number: usize| {
        let pieces = chance.random_range(1..=4);
        let items: Vec<_> = (0..pieces)
            .map(|_| {
                let (product, seller) = (PRODUCTS[chance.random_range(0..3)], SELLERS[chance.random_range(0..4)]);
                (product, seller, chance.random_range(1..20_000), chance.random_range(0..3_000))
            })
            .collect();
        let mut left: i64 = items.iter().map(|(_, _, price, freight)| price + freight).sum();
        let mut payments = Vec::new();
        for _ in 0..chance.random_range(0..3) {
            let some = chance.random_range(0..=left);
            payments.push((MEANS[chance.random_range(0..4)], some));
            left -= some;
        }
        payments.push((MEANS[chance.random_range(0..4)], left));
        FileOrder {
            id: format!("o{number}"),
            person: format!("u{}", chance.random_range(0..ORDERS / 2)),
            status: STATUSES[number % STATUSES.len()],
            items,
            payments,
        }
    };
    (0..ORDERS).map(order).collect()
}
