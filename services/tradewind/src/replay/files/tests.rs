//! What can be replayed, and what is set aside by which rule.

use std::fs;

use super::*;

/// A folder with a seller, a product and a customer, these orders (id, customer, status, handed over), items (order, product, seller, price,
/// freight) and payments (order, value).
fn files(orders: &[&str], items: &[&str], payments: &[&str]) -> Files {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, head: &str, rows: &[&str]| {
        fs::write(folder.path().join(name), format!("{head}\n{}\n", rows.join("\n"))).unwrap();
    };
    let head = "order_id,customer_id,order_status,order_delivered_carrier_date";
    write("olist_orders_dataset.csv", head, orders);
    write("olist_customers_dataset.csv", "customer_id,customer_unique_id", &["c1,u1"]);
    let head = "order_id,product_id,seller_id,price,freight_value";
    write("olist_order_items_dataset.csv", head, items);
    let head = "order_id,payment_type,payment_value";
    write("olist_order_payments_dataset.csv", head, payments);
    write("olist_sellers_dataset.csv", "seller_id,seller_city", &["s1,campinas"]);
    let head = "product_id,product_category_name,product_weight_g";
    write("olist_products_dataset.csv", head, &["p1,beleza_saude,225", "p1,artes,9"]);
    let head = "product_category_name,product_category_name_english";
    write("product_category_name_translation.csv", head, &["beleza_saude,health_beauty"]);
    Files::read(folder.path()).unwrap()
}

#[test]
fn an_order_that_cannot_have_been_is_set_aside_by_a_rule() {
    let (item, payment) = (["o1,p1,s1,9.00,1.00"].as_slice(), ["o1,voucher,10.00"].as_slice());
    for (rule, order, items, payments) in [
        ("it has no items", "o1,c1,delivered,", [].as_slice(), payment),
        ("its customer is in no file", "o1,c2,delivered,", item, payment),
        ("a seller of it is in no file", "o1,c1,delivered,", &["o1,p1,s2,9,1"], payment),
        ("a product of it is in no file", "o1,c1,delivered,", &["o1,p2,s1,9,1"], payment),
        (
            "its payments are not its goods and freight",
            "o1,c1,delivered,",
            item,
            &["o1,voucher,9.99"],
        ),
        ("something of it costs nothing", "o1,c1,delivered,", &["o1,p1,s1,0.00,10"], payment),
        (
            "it was cancelled after it was handed over",
            "o1,c1,canceled,2017-10-04 19:55:00",
            item,
            payment,
        ),
    ] {
        let files = files(&[order], items, payments);
        assert_eq!(files.rules, BTreeMap::from([(rule, 1)]), "{order}");
        assert_eq!((files.orders.len(), files.aside.as_slice()), (0, ["o1".to_owned()].as_slice()));
    }
}

#[test]
fn an_order_whose_row_is_there_twice_is_replayed_once() {
    let row = "o1,c1,delivered,2017-10-04 19:55:00";
    let files = files(&[row, row], &["o1,p1,s1,9.00,1.00"], &["o1,voucher,10.00"]);
    assert_eq!(files.rules, BTreeMap::from([("its row is there already", 1)]));
    assert_eq!((files.orders.len(), files.aside.len()), (1, 0));
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
    assert_eq!(files.place("s1").city, "campinas");
    let product = files.described("p1");
    assert_eq!((product.category.as_str(), product.weight_mg), ("health beauty", Some(225_000)));
}
