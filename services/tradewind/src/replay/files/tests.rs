//! What can be replayed, and what is set aside by which rule.

use std::fs;

use tempfile::TempDir;

use super::*;
use crate::replay::rows::{CustomerRow, ProductRow, SellerRow, TranslationRow};

/// A folder with a seller, a product and a customer, these orders (id, customer, status, handed over), items (order, product, seller,
/// price, freight) and payments (order, means, value).
fn folder(orders: &[&str], items: &[&str], payments: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, head: &str, rows: &[&str]| {
        fs::write(folder.path().join(name), format!("{head}\n{}\n", rows.join("\n"))).unwrap();
    };
    let head = "order_id,customer_id,order_status,order_delivered_carrier_date";
    write(OrderRow::FILE, head, orders);
    write(
        CustomerRow::FILE,
        "customer_id,customer_unique_id",
        &["c1,u1", "c2,", "c3,u 3", "c4"],
    );
    let head = "order_id,product_id,seller_id,price,freight_value";
    write(ItemRow::FILE, head, items);
    let head = "order_id,payment_type,payment_value";
    write(PaymentRow::FILE, head, payments);
    write(SellerRow::FILE, "seller_id,seller_city", &["s1,campinas", ",nowhere"]);
    let head = "product_id,product_category_name,product_weight_g";
    write(ProductRow::FILE, head, &["p1,beleza_saude,225", "p1,artes,9"]);
    let head = "product_category_name,product_category_name_english";
    write(TranslationRow::FILE, head, &["beleza_saude,health_beauty"]);
    folder
}

pub(in crate::replay) fn files(orders: &[&str], items: &[&str], payments: &[&str]) -> Files {
    Files::read(folder(orders, items, payments).path()).unwrap()
}

#[test]
fn an_order_that_cannot_have_been_is_set_aside_by_a_rule() {
    let (order, item, payment) = (
        "o1,c1,delivered,",
        ["o1,p1,s1,9.00,1.00"].as_slice(),
        ["o1,voucher,10.00"].as_slice(),
    );
    let unlike = "its payments are not its goods and freight";
    let unreadable = "a row of it cannot be read";
    for (rule, order, items, payments) in [
        ("it has no items", order, [].as_slice(), payment),
        (unlike, order, item, &["o1,voucher,9.99"]),
        (unlike, order, item, &[]),
        (
            "something of it costs nothing, and nobody gives goods away",
            order,
            &["o1,p1,s1,0.00,10"],
            payment,
        ),
        (
            "it was cancelled after it was handed over",
            "o1,c1,canceled,2017-10-04 19:55:00",
            item,
            payment,
        ),
        ("its status is not known", "o1,c1,teleported,", item, payment),
        (unreadable, "o1,,delivered,", item, payment),
        (unreadable, "o1,c1,delivered", item, payment),
        (unreadable, order, &["o1,p1,s1,9.00,1.00", "o1,p1,s1,,1.00"], payment),
        (unreadable, order, &["o1,p1"], payment),
        (unreadable, order, item, &["o1,voucher,-10.00"]),
    ] {
        let files = files(&[order], items, payments);
        assert_eq!(files.set_aside.rules(), &BTreeMap::from([(rule, 1)]), "{order}");
        assert_eq!((files.orders.len(), files.set_aside.orders()), (0, ["o1".to_owned()].as_slice()));
    }
}

#[test]
fn more_than_a_checkout_takes_is_set_aside() {
    let priced = |row: String| format!("o1,{row},1.00,0.00");
    let sellers = |many: usize| (0..many).map(|seller| priced(format!("p1,s{seller}"))).collect::<Vec<_>>();
    let lines = |many: usize| (0..many).map(|product| priced(format!("p{product},s1"))).collect::<Vec<_>>();
    for (items, rule) in [
        (sellers(20), None),
        (sellers(21), Some("it has more than 20 sellers")),
        (lines(200), None),
        (lines(201), Some("it has more than 200 lines")),
    ] {
        let paid = format!("o1,voucher,{}", items.len());
        let items: Vec<&str> = items.iter().map(String::as_str).collect();
        let files = files(&["o1,c1,delivered,"], &items, &[&paid]);
        assert_eq!(files.set_aside.rules().keys().next().copied(), rule);
        assert_eq!(files.orders.len(), usize::from(rule.is_none()));
    }
}

#[test]
fn a_row_that_cannot_be_read_takes_no_other_order_along() {
    let files = files(
        &["o1,c1,delivered,", "o2,c1,delivered,", ",c1,delivered,"],
        &["o1,p1,s1,9.00,1.00", "o2,p1,s1,NaN,1.00", "o3,p1,s1", "\"\",p1,s1,9.00,1.00"],
        &["o3,voucher,many", "o1,voucher,10.00", "o2,voucher,10.00"],
    );
    assert_eq!(files.set_aside.rules(), &BTreeMap::from([("a row of it cannot be read", 2)]));
    let replayed: Vec<&str> = files.orders.iter().map(|order| order.id.as_str()).collect();
    assert_eq!(
        (replayed.as_slice(), files.set_aside.orders()),
        (["o1"].as_slice(), ["o2".to_owned()].as_slice())
    );
    let told = [
        "olist_order_items_dataset.csv, line 3: `NaN` is not an amount in cents",
        "olist_orders_dataset.csv, line 4: `` is no id",
    ];
    assert_eq!(files.set_aside.told(), told);
}

#[test]
fn an_order_whose_row_is_there_twice_is_replayed_once() {
    let row = "o1,c1,delivered,2017-10-04 19:55:00";
    let files = files(&[row, row, "o1,c1"], &["o1,p1,s1,9.00,1.00"], &["o1,voucher,10.00"]);
    assert_eq!(files.set_aside.rules(), &BTreeMap::from([("its row is there already", 2)]));
    assert_eq!((files.orders.len(), files.set_aside.orders().len()), (1, 0));
}

#[test]
fn whoever_and_whatever_no_file_describes_is_there_all_the_same() {
    let orders = ["o1,c2,delivered,", "o2,c3,delivered,", "o3,c4,delivered,", "o4,c5,delivered,"];
    let item = |order: &str| format!("{order},p2,s2,9.00,1.00");
    let items: Vec<String> = ["o1", "o2", "o3", "o4"].map(item).to_vec();
    let items: Vec<&str> = items.iter().map(String::as_str).collect();
    let payments = ["o1,voucher,10", "o2,voucher,10", "o3,voucher,10", "o4,voucher,10"];
    let folder = folder(&orders, &items, &payments);
    let customers = |files: &Files| files.orders.iter().map(|order| order.customer.clone()).collect::<Vec<_>>();
    let files = Files::read(folder.path()).unwrap();
    assert_eq!(customers(&files), ["c2", "c3", "c4", "c5"]);
    assert_eq!((files.locality("s2").city, files.described("p2").weight_mg), (String::new(), None));

    for name in [CustomerRow::FILE, SellerRow::FILE, ProductRow::FILE, TranslationRow::FILE] {
        fs::remove_file(folder.path().join(name)).unwrap();
    }
    let files = Files::read(folder.path()).unwrap();
    assert_eq!(customers(&files), ["c2", "c3", "c4", "c5"]);
    for name in [OrderRow::FILE, ItemRow::FILE, PaymentRow::FILE] {
        fs::rename(folder.path().join(name), folder.path().join("away")).unwrap();
        let error = Files::read(folder.path()).err().unwrap();
        assert!(error.to_string().contains(name), "{error}");
        fs::rename(folder.path().join("away"), folder.path().join(name)).unwrap();
    }
}

#[test]
fn pieces_of_a_product_are_one_line_whether_they_cost_the_same_or_not() {
    let rows = [
        "o1,p1,s1,9.00,1.00",
        "o1,p1,s1,9.00,0.00",
        "o2,p1,s1,9.00,1.00",
        "o2,p1,s1,9.01,0.50",
    ];
    let files = files(
        &["o1,c1,delivered,", "o2,c1,delivered,"],
        &rows,
        &["o1,boleto,19", "o2,voucher,9.51", "o2,credit_card,10.00"],
    );
    let lines: Vec<_> = files.orders.iter().flat_map(|order| &order.items).collect();
    let told: Vec<_> = lines.iter().map(|line| (line.quantity, line.price(), line.freight)).collect();
    assert_eq!(told, [(2, (900, 1), 100), (2, (1_801, 2), 150)]);
}

#[test]
fn sellers_and_products_are_what_their_files_say() {
    let files = files(&["o1,c1,delivered,"], &["o1,p1,s1,9.00,1.00"], &["o1,voucher,10.00"]);
    assert_eq!(files.locality("s1").city, "campinas");
    let product = files.described("p1");
    assert_eq!((product.category.as_str(), product.weight_mg), ("health beauty", Some(225_000)));
}
