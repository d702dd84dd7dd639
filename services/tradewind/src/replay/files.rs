//! The marketplace's files (Olist's format), and which of their orders can be replayed.

use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
};

use anyhow::{Context, Result};
use serde::Deserialize;

/// An order as the files have it, money in cents.
pub(crate) struct FileOrder {
    pub(crate) id: String,
    pub(crate) customer: String,
    pub(crate) status: Status,
    pub(crate) items: Vec<Item>,
    pub(crate) payments: Vec<Payment>,
}

/// Pieces of one product from one seller, at one price.
#[derive(Clone)]
pub(crate) struct Item {
    pub(crate) product: String,
    pub(crate) seller: String,
    pub(crate) quantity: i64,
    pub(crate) price: i64,
    /// Of all its pieces together.
    pub(crate) freight: i64,
}

pub(crate) struct Payment {
    /// `credit_card`, `debit_card`, `voucher` or `boleto`.
    pub(crate) means: String,
    pub(crate) value: i64,
}

/// How far an order got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Status {
    /// created: never paid.
    Unpaid,
    /// approved, processing, invoiced: paid, not yet shipped.
    Paid,
    /// shipped
    InTransit,
    /// delivered: the seller is paid.
    Completed,
    /// unavailable, canceled: refunded, stock back.
    Cancelled,
}

impl Status {
    fn of(name: &str) -> Option<Self> {
        match name {
            "created" => Some(Self::Unpaid),
            "approved" | "processing" | "invoiced" => Some(Self::Paid),
            "shipped" => Some(Self::InTransit),
            "delivered" => Some(Self::Completed),
            "unavailable" | "canceled" => Some(Self::Cancelled),
            _ => None,
        }
    }
}

impl FileOrder {
    pub(crate) fn goods(&self) -> i64 {
        self.items.iter().map(|item| item.price * item.quantity).sum()
    }

    pub(crate) fn freight(&self) -> i64 {
        self.items.iter().map(|item| item.freight).sum()
    }

    pub(crate) fn paid(&self) -> i64 {
        self.payments.iter().map(|payment| payment.value).sum()
    }

    /// The items of each seller.
    pub(crate) fn by_seller(&self) -> BTreeMap<&str, Vec<&Item>> {
        let mut sellers: BTreeMap<&str, Vec<&Item>> = BTreeMap::new();
        for item in &self.items {
            sellers.entry(&item.seller).or_default().push(item);
        }
        sellers
    }
}

/// What is replayed, and what is set aside by which rule.
pub(crate) struct Files {
    pub(crate) orders: Vec<FileOrder>,
    aside: BTreeMap<&'static str, usize>,
}

/// What a seller must have: pieces and first price of each product.
pub(crate) type Goods = BTreeMap<String, (i64, i64)>;

impl Files {
    pub(crate) fn read(folder: &Path) -> Result<Self> {
        let customers: HashMap<String, String> = rows::<CustomerRow>(folder, "olist_customers_dataset.csv")?
            .into_iter()
            .map(|row| (row.customer_id, row.customer_unique_id))
            .collect();
        let mut items = group(rows::<ItemRow>(folder, "olist_order_items_dataset.csv")?, |row| {
            row.order_id.clone()
        });
        let mut payments = group(rows::<PaymentRow>(folder, "olist_order_payments_dataset.csv")?, |row| {
            row.order_id.clone()
        });
        let mut files = Self {
            orders: Vec::new(),
            aside: BTreeMap::new(),
        };
        for row in rows::<OrderRow>(folder, "olist_orders_dataset.csv")? {
            let order = FileOrder {
                customer: customers.get(&row.customer_id).cloned().unwrap_or_else(|| row.customer_id.clone()),
                status: Status::of(&row.order_status)
                    .with_context(|| format!("order {} is {}, which is no known status", row.order_id, row.order_status))?,
                items: merge(items.remove(&row.order_id).unwrap_or_default())?,
                payments: payments
                    .remove(&row.order_id)
                    .unwrap_or_default()
                    .into_iter()
                    .map(PaymentRow::read)
                    .collect::<Result<_>>()?,
                id: row.order_id,
            };
            match rule_against(&order, row.order_delivered_carrier_date.is_empty()) {
                Some(rule) => *files.aside.entry(rule).or_default() += 1,
                None => files.orders.push(order),
            }
        }
        Ok(files)
    }

    /// Every seller with the goods that the orders take from them.
    pub(crate) fn sellers(&self) -> Vec<(String, Goods)> {
        let mut sellers: BTreeMap<String, Goods> = BTreeMap::new();
        for item in self.orders.iter().flat_map(|order| &order.items) {
            let goods = sellers.entry(item.seller.clone()).or_default();
            goods.entry(item.product.clone()).or_insert((0, item.price)).0 += item.quantity;
        }
        sellers.into_iter().collect()
    }

    pub(crate) fn tell(&self) {
        println!("{} orders are replayed", self.orders.len());
        for (rule, count) in &self.aside {
            println!("{count:>7} set aside: {rule}");
        }
    }
}

/// Why an order cannot be what the files say it was.
fn rule_against(order: &FileOrder, never_handed_over: bool) -> Option<&'static str> {
    if order.items.is_empty() {
        Some("it has no items")
    } else if order.paid() != order.goods() + order.freight() {
        Some("its payments are not its goods and freight")
    } else if order.status == Status::Cancelled && !never_handed_over {
        Some("it was cancelled after it was handed over")
    } else {
        None
    }
}

/// One line for the pieces of a product from a seller at a price, as a basket has it.
fn merge(rows: Vec<ItemRow>) -> Result<Vec<Item>> {
    let mut items: Vec<Item> = Vec::new();
    for row in rows {
        let (price, freight) = (cents(&row.price)?, cents(&row.freight_value)?);
        match items
            .iter_mut()
            .find(|item| item.product == row.product_id && item.seller == row.seller_id && item.price == price)
        {
            Some(item) => {
                item.quantity += 1;
                item.freight += freight;
            }
            None => items.push(Item {
                product: row.product_id,
                seller: row.seller_id,
                quantity: 1,
                price,
                freight,
            }),
        }
    }
    Ok(items)
}

/// `58.9` is 5890. No float comes near it.
fn cents(text: &str) -> Result<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let fraction = format!("{fraction:0<2}");
    anyhow::ensure!(fraction.len() == 2, "{text} is not an amount in cents");
    Ok(whole.parse::<i64>().with_context(|| format!("{text} is not an amount"))? * 100 + fraction.parse::<i64>()?)
}

fn rows<R: for<'de> Deserialize<'de>>(folder: &Path, name: &str) -> Result<Vec<R>> {
    let path = folder.join(name);
    let mut reader = csv::Reader::from_path(&path).with_context(|| format!("reading {}", path.display()))?;
    reader
        .deserialize()
        .collect::<Result<_, _>>()
        .with_context(|| format!("in {}", path.display()))
}

fn group<R>(rows: Vec<R>, key: impl Fn(&R) -> String) -> HashMap<String, Vec<R>> {
    let mut groups: HashMap<String, Vec<R>> = HashMap::new();
    for row in rows {
        groups.entry(key(&row)).or_default().push(row);
    }
    groups
}

#[derive(Deserialize)]
struct OrderRow {
    order_id: String,
    customer_id: String,
    order_status: String,
    order_delivered_carrier_date: String,
}

#[derive(Deserialize)]
struct CustomerRow {
    customer_id: String,
    customer_unique_id: String,
}

#[derive(Deserialize)]
struct ItemRow {
    order_id: String,
    product_id: String,
    seller_id: String,
    price: String,
    freight_value: String,
}

#[derive(Deserialize)]
struct PaymentRow {
    order_id: String,
    payment_type: String,
    payment_value: String,
}

impl PaymentRow {
    fn read(self) -> Result<Payment> {
        Ok(Payment {
            value: cents(&self.payment_value)?,
            means: self.payment_type,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_to_the_cent() {
        assert_eq!(
            ["58.9", "13.29", "7", "0.05"].map(|text| cents(text).unwrap()),
            [5_890, 1_329, 700, 5]
        );
        assert!(cents("1.234").is_err() && cents("x").is_err());
    }
}
