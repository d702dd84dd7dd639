//! A marketplace in Olist's format, for replays.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// One order of the files.
#[derive(Clone, Debug)]
pub struct FileOrder {
    /// Unique in its folder.
    pub id: String,
    /// Who buys, whatever the number of their orders.
    pub person: String,
    /// As Olist names it, such as "delivered".
    pub status: &'static str,
    /// Product, seller, and price and freight in cents, piece by piece.
    pub items: Vec<(&'static str, &'static str, i64, i64)>,
    /// Means and cents.
    pub payments: Vec<(&'static str, i64)>,
}

/// Writes a folder as Kaggle's is written, without the files that a replay can do without.
///
/// # Panics
/// When it cannot be written.
pub fn write(folder: &Path, orders: &[FileOrder]) -> PathBuf {
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
        add(
            "olist_customers_dataset.csv",
            format!("\"of-{id}\",\"{}\",\"são paulo\"\n", order.person),
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
