//! A marketplace in Olist's format, replayed: beside another one, with more orders than before, and held against files that say something else.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use harness::until;
use sea_orm::{ConnectionTrait, Database as SeaOrm, Statement};
use tests::{Database, Ecosystem};

/// One order: its items as (product, seller, price, freight) in cents, and its payments as (means, cents).
#[derive(Clone)]
struct Order {
    id: String,
    status: &'static str,
    items: Vec<(&'static str, &'static str, i64, i64)>,
    payments: Vec<(&'static str, i64)>,
}

fn order(id: &str, status: &'static str, items: &[(&'static str, &'static str, i64, i64)], payments: &[(&'static str, i64)]) -> Order {
    Order {
        id: id.to_owned(),
        status,
        items: items.to_vec(),
        payments: payments.to_vec(),
    }
}

/// Every status; several sellers and payments, a product at two prices, nothing to pay for the freight; and orders that are set aside.
fn marketplace() -> Vec<Order> {
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

/// Writes a folder as Kaggle's is written, without the files that a replay can do without.
fn write(folder: &Path, orders: &[Order]) -> PathBuf {
    let decimal = |cents: i64| format!("{}.{:02}", cents / 100, cents % 100);
    let mut files: BTreeMap<&str, String> = BTreeMap::from([
        (
            "olist_orders_dataset.csv",
            "\u{feff}\"order_id\",\"customer_id\",\"order_status\",\"order_delivered_carrier_date\"\r\n".to_owned(),
        ),
        (
            "olist_customers_dataset.csv",
            "\"customer_id\",\"customer_unique_id\",\"customer_city\"\n".to_owned(),
        ),
        (
            "olist_order_items_dataset.csv",
            "order_item_id,freight_value,price,seller_id,product_id,order_id\n".to_owned(),
        ),
        (
            "olist_order_payments_dataset.csv",
            "order_id,payment_type,payment_value\n".to_owned(),
        ),
        ("olist_sellers_dataset.csv", "seller_id,seller_city\ns1,campinas\ns2,\n".to_owned()),
        (
            "olist_products_dataset.csv",
            "product_id,product_category_name,product_weight_g\np1,artes,225\np2,,\np3,artes,0\n".to_owned(),
        ),
    ]);
    let mut add = |file: &'static str, row: String| files.get_mut(file).unwrap().push_str(&row);
    for order in orders {
        let id = &order.id;
        let handed_over = ["shipped", "delivered"].contains(&order.status);
        let date = if handed_over { "2017-10-04 19:55:00" } else { "" };
        add(
            "olist_orders_dataset.csv",
            format!("\"{id}\",\"of-{id}\",\"{}\",{date}\r\n", order.status),
        );
        // Everybody buys more than once.
        add(
            "olist_customers_dataset.csv",
            format!("\"of-{id}\",\"u{}\",\"são paulo\"\n", id.len() % 2),
        );
        for (place, (product, seller, price, freight)) in order.items.iter().enumerate() {
            add(
                "olist_order_items_dataset.csv",
                format!("{place},{},{},{seller},{product},{id}\n", decimal(*freight), decimal(*price)),
            );
        }
        for (means, value) in &order.payments {
            add("olist_order_payments_dataset.csv", format!("{id},{means},{}\n", decimal(*value)));
        }
    }
    fs::create_dir_all(folder).unwrap();
    for (name, text) in files {
        fs::write(folder.join(name), text).unwrap();
    }
    folder.to_owned()
}

/// The same orders by other ids, each piece dearer by this much.
fn others(orders: &[Order], prefix: &str, dearer: i64) -> Vec<Order> {
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
    let (folder, data) = (folder.display().to_string(), ecosystem.data().display().to_string());
    ecosystem.run(&["replay", &folder, "--data", &data]).await
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
        let folder = |name: &str, orders: &[Order]| write(&folders.path().join(name), orders);
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
    type Change = fn(&mut Vec<Order>);
    let changes: [(Change, &str); 6] = [
        // Paid as much as before: set aside now.
        (
            |orders| orders[0].items[0].2 += 1,
            "set aside yet replayed                 0               1",
        ),
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
        assert!(said.contains(told), "{told} is missing in\n{said}");
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

#[tokio::test]
async fn files_that_cannot_be_read_are_refused_before_anything_is_written() {
    let folders = tempfile::tempdir().unwrap();
    fs::write(folders.path().join("keys.json"), r#"{"webhook_secret": "whsec_c2VjcmV0"}"#).unwrap();
    let mut orders = marketplace();
    orders[1].status = "teleported";
    let folder = write(&folders.path().join("broken"), &orders);
    let mut replay = tokio::process::Command::new(tests::program());
    // Nobody listens there: it must not come to that.
    replay
        .arg("replay")
        .arg(&folder)
        .args(["--gateway", "http://127.0.0.1:9", "--data"]);
    let told = replay.arg(folders.path()).output().await.unwrap();
    let error = String::from_utf8(told.stderr).unwrap();
    assert!(!told.status.success());
    assert!(
        error.contains("olist_orders_dataset.csv, line 3: `teleported` is no known status"),
        "{error}"
    );
}
