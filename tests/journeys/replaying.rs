//! A marketplace in Olist's format, replayed: beside another one, with more
//! orders than before, and held against files that say something else.

use std::{
    fs::{self, OpenOptions},
    io::Write,
    path::Path,
};

use flate2::{Compression, write::GzEncoder};
use harness::until;
use sea_orm::{ConnectionTrait, Database as SeaOrm, Statement};
use serde_json::json;
use tests::{
    Database, Ecosystem,
    olist::{FileOrder, write},
};
use tradewind::client::{Person, text};

fn order(id: &str, status: &'static str, items: &[(&'static str, &'static str, i64, i64)], payments: &[(&'static str, i64)]) -> FileOrder {
    FileOrder {
        id: id.to_owned(),
        // Everybody buys more than once.
        person: format!("u{}", id.len() % 2),
        status,
        items: items.to_vec(),
        payments: payments.to_vec(),
    }
}

/// Every status; several sellers and payments, a product at two prices, nothing to pay for the freight; and orders that are set aside.
fn marketplace() -> Vec<FileOrder> {
    vec![
        order(
            "d1",
            "delivered",
            &[("p1", "s1", 1_000, 150), ("p1", "s1", 1_050, 0), ("p2", "s2", 5_890, 1_329)],
            &[("voucher", 0), ("credit_card", 9_000), ("boleto", 419)],
        ),
        order(
            "d2",
            "delivered",
            &[("p1", "s1", 1_000, 0), ("p1", "s1", 1_000, 0)],
            &[("debit_card", 2_000)],
        ),
        order("s1", "shipped", &[("p2", "s2", 5_890, 1)], &[("not_defined", 5_891)]),
        order("i1", "invoiced", &[("p1", "s1", 990, 10)], &[("voucher", 500), ("voucher", 500)]),
        order("p1", "processing", &[("p1", "s1", 990, 10)], &[("credit_card", 1_000)]),
        order("a1", "approved", &[("p3", "s1", 1, 0)], &[("credit_card", 1)]),
        order("c1", "created", &[("p3", "s1", 1, 0)], &[("credit_card", 1)]),
        order("u1", "unavailable", &[("p3", "s1", 3, 4)], &[("boleto", 7)]),
        order("x1", "canceled", &[("p3", "s1", 3, 4)], &[("boleto", 7)]),
        order("n1", "unavailable", &[], &[("boleto", 7)]),
        order("n2", "delivered", &[("p3", "s1", 3, 4)], &[("boleto", 8)]),
    ]
}

/// The same orders by other ids, each piece dearer by this much.
fn others(orders: &[FileOrder], prefix: &str, dearer: i64) -> Vec<FileOrder> {
    let mut others = orders.to_vec();
    for order in &mut others {
        order.id = format!("{prefix}{}", order.id);
        for item in &mut order.items {
            item.2 += dearer;
        }
        let more = dearer * i64::try_from(order.items.len()).unwrap();
        order.payments.last_mut().unwrap().1 += more;
    }
    others
}

async fn replay(ecosystem: &Ecosystem, folder: &Path) -> (bool, String) {
    replay_with(ecosystem, folder, &[]).await
}

async fn replay_with(ecosystem: &Ecosystem, folder: &Path, options: &[&str]) -> (bool, String) {
    let (folder, data) = (folder.display().to_string(), ecosystem.data().display().to_string());
    ecosystem.run(&[&["replay", &folder, "--data", &data], options].concat()).await
}

/// What the reconciliation says of a figure: in the files, and in the system.
fn figure<'s>(said: &'s str, name: &str) -> (&'s str, &'s str) {
    let row = said.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix("  "));
    let cells: Vec<&str> = row
        .into_iter()
        .flat_map(|row| row.split("  "))
        .map(str::trim)
        .filter(|cell| !cell.is_empty())
        .collect();
    let [files, system, ..] = cells.as_slice() else {
        panic!("no {name} in\n{said}")
    };
    (files, system)
}

async fn agrees(ecosystem: &Ecosystem, folder: &Path) {
    let (same, said) = replay(ecosystem, folder).await;
    assert!(same && said.contains("files and system agree"), "{said}");
    assert!(said.contains("set aside: it has no items"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_marketplace_is_replayed_beside_others_and_every_difference_is_found() {
    for database in Database::at_hand() {
        let ecosystem = Ecosystem::start(database).await;
        let folders = tempfile::tempdir().unwrap();
        let folder = |name: &str, orders: &[FileOrder]| write(&folders.path().join(name), orders);
        let first = marketplace();
        agrees(&ecosystem, &folder("first", &first)).await;
        agrees(&ecosystem, &folder("first", &first)).await;
        // Other orders of the same sellers, products and customers, at other prices: about these alone.
        let second = others(&first, "b", 7);
        agrees(&ecosystem, &folder("second", &second)).await;
        let more = [first.clone(), others(&first, "c", 100)].concat();
        agrees(&ecosystem, &folder("first", &more)).await;
        agrees(&ecosystem, &folder("second", &second)).await;

        differs(&ecosystem, &folders.path().join("changed")).await;
        ecosystem.is_well().await;
    }
}

/// Files that say something else than what was replayed, in one order each.
async fn differs(ecosystem: &Ecosystem, folder: &Path) {
    type Change = fn(&mut Vec<FileOrder>);
    let changes: [(Change, &str); 6] = [
        // Paid as much as before: set aside now.
        (|orders| orders[0].items[0].2 += 1, "set aside yet replayed "),
        (
            |orders| {
                orders[2].items[0].2 += 1;
                orders[2].payments[0].1 += 1;
            },
            "order s1: ",
        ),
        (
            |orders| {
                orders[3].items[0].2 += 5;
                orders[3].items[0].3 -= 5;
            },
            "order i1: ",
        ),
        (
            |orders| {
                orders[3].payments[0].1 += 1;
                orders[3].payments[1].1 -= 1;
            },
            "order i1: its payments of ",
        ),
        (|orders| orders[0].items[0].0 = "p3", "order d1: its 1 of "),
        (|orders| orders[0].status = "shipped", "orders COMPLETED "),
    ];
    for (change, told) in changes {
        let mut orders = marketplace();
        change(&mut orders);
        let (same, said) = replay(ecosystem, &write(folder, &orders)).await;
        assert!(!same && said.contains("files and system differ"), "{said}");
        let line = said.lines().find(|line| line.starts_with(told));
        let differs = line.is_some_and(|line| line.ends_with("<- differs") || line.ends_with(" in the system"));
        assert!(differs, "{told} is missing in\n{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checkout_that_was_taken_back_while_everything_was_down_is_made_anew() {
    let ecosystem = Ecosystem::start_with(Database::Sqlite, &[("TRADEWIND__ORDER__SAGA_GIVE_UP_S", "1")]).await;
    let folders = tempfile::tempdir().unwrap();
    let mut orders = marketplace();
    agrees(&ecosystem, &write(&folders.path().join("first"), &orders)).await;

    let database = SeaOrm::connect(ecosystem.database("order")).await.unwrap();
    let checkouts = async |such: &str| {
        let text = format!("SELECT count(*) AS many FROM checkouts WHERE {such}");
        let row = database
            .query_one_raw(Statement::from_string(database.get_database_backend(), text))
            .await;
        row.unwrap().unwrap().try_get::<i64>("", "many").unwrap()
    };
    let before = checkouts("true").await;
    orders.push(order("late", "delivered", &[("p2", "s2", 5_890, 10)], &[("boleto", 5_900)]));
    let folder = write(&folders.path().join("more"), &orders);
    // Payment hears nothing, so the checkout stays under way; then everybody who drives it is killed.
    ecosystem.freeze("payment");
    let mut replaying = tokio::process::Command::new(tests::program());
    replaying.arg("replay").arg(&folder).args(["--gateway", &ecosystem.url(), "--data"]);
    let mut replaying = replaying.arg(ecosystem.data()).kill_on_drop(true).spawn().unwrap();
    until("the checkout is under way", || async { checkouts("true").await == before + 1 }).await;
    replaying.kill().await.unwrap();
    ecosystem.kill("order");
    ecosystem.thaw("payment");
    until("the checkout is taken back", || async {
        checkouts("CAST(progress AS text) LIKE '%TIMED_OUT%'").await == 1
    })
    .await;
    agrees(&ecosystem, &folder).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_fails_keeps_no_other_from_being_replayed() {
    let ecosystem = Ecosystem::start(Database::Sqlite).await;
    let folders = tempfile::tempdir().unwrap();
    // Somebody else has a customer's address, so that nobody can sign in as that customer.
    let theirs =
        json!({ "email": "u9@customer.olist.example", "password": "the trade wind died down", "displayName": "u9", "country": "BR" });
    ecosystem.gateway().post("/v1/accounts", "theirs", theirs).await.unwrap();
    let mut orders = marketplace();
    orders[0].person = "u9".to_owned();
    let (same, said) = replay(&ecosystem, &write(&folders.path().join("first"), &orders)).await;
    assert!(!same && said.contains("orders that failed: 1\n        d1: 401"), "{said}");
    assert!(
        said.contains("1 sellers or orders failed") && said.contains("files and system differ"),
        "{said}"
    );
    assert_eq!(figure(&said, "orders unlike files"), ("0", "1"));
    assert_eq!(figure(&said, "orders COMPLETED"), ("3", "1"));
    assert_eq!(figure(&said, "orders PAID"), ("3", "3"));
    assert_eq!(figure(&said, "escrow refunded"), ("BRL 0.14", "BRL 0.14"));

    // When that is mended, the order follows.
    orders[0].person = "u8".to_owned();
    agrees(&ecosystem, &write(&folders.path().join("first"), &orders)).await;
    ecosystem.is_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_a_folder_looks_like_what_can_be_read_of_it_is_replayed() {
    let ecosystem = Ecosystem::start(Database::Sqlite).await;
    let folders = tempfile::tempdir().unwrap();
    let mut orders = marketplace();
    orders[1].status = "teleported";
    let folder = write(&folders.path().join("odd"), &orders);
    let append = |name: &str, row: &str| {
        let mut file = OpenOptions::new().append(true).open(folder.join(name)).unwrap();
        file.write_all(row.as_bytes()).unwrap();
    };
    // The second row of an order's payments makes no sense, and neither do rows of orders that are not there.
    append("olist_order_payments_dataset.csv", "p1,voucher,-1.00\nelsewhere,voucher,a lot\n");
    append("olist_order_items_dataset.csv", "elsewhere\n");
    append("olist_orders_dataset.csv", "cut-off,of-");
    let payments = folder.join("olist_order_payments_dataset.csv");
    let semicolons = fs::read_to_string(&payments).unwrap().replace(',', ";").replace('.', ",");
    fs::write(&payments, semicolons).unwrap();
    let items = folder.join("olist_order_items_dataset.csv");
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(&fs::read(&items).unwrap()).unwrap();
    fs::write(folder.join("olist_order_items_dataset.csv.gz"), gzip.finish().unwrap()).unwrap();
    fs::remove_file(items).unwrap();
    for name in ["olist_sellers_dataset.csv", "olist_customers_dataset.csv"] {
        fs::remove_file(folder.join(name)).unwrap();
    }

    let (same, said) = replay(&ecosystem, &folder).await;
    assert!(same && said.contains("files and system agree"), "{said}");
    for told in [
        "7 orders are replayed",
        "2 sellers are described by no file",
        "1 set aside: its status is not known",
        "2 set aside: a row of it cannot be read",
        "olist_order_payments_dataset.csv, line 16: `-1,00` is not an amount in cents",
        "olist_orders_dataset.csv, line 3: `teleported` is no known status",
        "olist_orders_dataset.csv, line 13: has 2 columns and not 4",
    ] {
        assert!(said.contains(told), "{told} is missing in\n{said}");
    }
    ecosystem.is_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fee_that_is_not_the_platforms_differs_even_where_every_line_carries_it() {
    let ecosystem = Ecosystem::start_with(Database::Sqlite, &[("TRADEWIND__ORDER__FEE_BASIS_POINTS", "300")]).await;
    let folders = tempfile::tempdir().unwrap();
    let folder = write(&folders.path().join("first"), &marketplace());
    let (same, said) = replay(&ecosystem, &folder).await;
    assert!(!same && said.contains("files and system differ"), "{said}");
    assert_eq!(figure(&said, "fees at 2.50 %"), ("BRL 2.48", "BRL 2.99"));
    let told = "about 3.01 %, and 2.50 % was expected: where that is not the platform's fee, tell it with --fee-basis-points";
    assert!(said.contains(told), "{said}");

    let (same, said) = replay_with(&ecosystem, &folder, &["--fee-basis-points", "300"]).await;
    assert!(same && said.contains("files and system agree"), "{said}");
    assert_eq!(figure(&said, "fees at 3.00 %"), ("BRL 2.99", "BRL 2.99"));
    assert_eq!(figure(&said, "lines at another fee"), ("0", "0"));
    ecosystem.is_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unpaid_order_that_was_closed_in_the_meantime_is_as_the_files_say() {
    let ecosystem = Ecosystem::start_with(Database::Sqlite, &[("TRADEWIND__ORDER__PAYMENT_WINDOW_S", "1")]).await;
    let folders = tempfile::tempdir().unwrap();
    let orders = [order(
        "c1",
        "created",
        &[("p3", "s1", 1, 0), ("p2", "s2", 1, 0)],
        &[("credit_card", 2)],
    )];
    let folder = write(&folders.path().join("unpaid"), &orders);
    until("both orders are closed, and still agree", || async {
        let (same, said) = replay(&ecosystem, &folder).await;
        assert!(same, "{said}");
        assert_eq!(figure(&said, "orders PLACED"), ("2", "2"));
        said.contains("2 of the orders PLACED were closed by now") && figure(&said, "stock reserved") == ("0", "0")
    })
    .await;
    ecosystem.is_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_takes_part_for_long_gets_new_tokens_without_a_password() {
    let ecosystem = Ecosystem::start(Database::Sqlite).await;
    let gateway = ecosystem.gateway();
    let person = Person::join(&gateway, "u1@customer.olist.example", "u1", "BR").await.unwrap();
    let again = person.refreshed(&gateway).await.unwrap();
    assert_ne!(again.client.token(), person.client.token());
    assert_eq!(again.organisation, person.organisation);
    assert_eq!(
        text(&again.client.get("/v1/me").await.unwrap()["account"], "email"),
        "u1@customer.olist.example"
    );
    assert!(person.is_fresh() && again.is_fresh());
    // The old token is worth nothing any more.
    let refused = person.refreshed(&gateway).await.unwrap_err();
    assert_eq!(refused.reason(), "UNAUTHENTICATED");
}

#[tokio::test]
async fn a_folder_without_what_makes_orders_is_refused_before_anything_is_written() {
    let folders = tempfile::tempdir().unwrap();
    fs::write(folders.path().join("keys.json"), r#"{"webhook_secret": "whsec_c2VjcmV0"}"#).unwrap();
    let folder = write(&folders.path().join("broken"), &marketplace());
    let orders = folder.join("olist_orders_dataset.csv");
    let refused = async || {
        let mut replay = tokio::process::Command::new(tests::program());
        // Nobody listens there: it must not come to that.
        replay
            .arg("replay")
            .arg(&folder)
            .args(["--gateway", "http://127.0.0.1:9", "--data"]);
        let told = replay.arg(folders.path()).output().await.unwrap();
        assert!(!told.status.success());
        String::from_utf8(told.stderr).unwrap()
    };
    let text = fs::read_to_string(&orders).unwrap();
    fs::write(&orders, text.replace("order_status", "status")).unwrap();
    let error = refused().await;
    assert!(error.contains("there is no column order_status"), "{error}");
    fs::remove_file(&orders).unwrap();
    let error = refused().await;
    assert!(error.contains("has no file olist_orders_dataset.csv"), "{error}");
}
