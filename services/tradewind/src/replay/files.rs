//! The marketplace's files (Olist's format): which of their orders can be replayed, and what they tell of sellers, products and customers.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    path::Path,
    str::FromStr,
};

use anyhow::Result;

use super::{
    descriptions::{Described, Descriptions, Locality},
    rows::{self, ItemRow, Line, OrderRow, PaymentRow, Row},
    set_aside::SetAside,
};
use crate::output::say;

/// How many sellers an order may have: one quotation is issued by each, and no checkout takes more.
const MOST_SELLERS: usize = 20;

/// How many lines a checkout may have.
const MOST_LINES: usize = 200;

/// An order as the files have it, money in cents.
pub(crate) struct FileOrder {
    pub(crate) id: String,
    pub(crate) customer: String,
    pub(crate) ship_to: Locality,
    pub(crate) status: Status,
    pub(crate) items: Vec<Item>,
    pub(crate) payments: Vec<Payment>,
}

/// Pieces of one product from one seller.
#[derive(Clone)]
pub(crate) struct Item {
    pub(crate) product: String,
    pub(crate) seller: String,
    pub(crate) quantity: i64,
    /// What all its pieces cost together.
    pub(crate) goods: i64,
    /// What each piece costs, when that is the same for all.
    each: Option<i64>,
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

impl FromStr for Status {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name.to_ascii_lowercase().as_str() {
            "created" => Ok(Self::Unpaid),
            "approved" | "processing" | "invoiced" => Ok(Self::Paid),
            "shipped" => Ok(Self::InTransit),
            "delivered" => Ok(Self::Completed),
            "unavailable" | "canceled" => Ok(Self::Cancelled),
            _ => Err(format!("`{name}` is no known status")),
        }
    }
}

impl Item {
    /// A price, and for how many pieces it is: one, or all of them when they do not cost the same.
    pub(crate) fn price(&self) -> (i64, i64) {
        self.each.map_or((self.goods, self.quantity), |each| (each, 1))
    }
}

impl FileOrder {
    pub(crate) fn goods(&self) -> i64 {
        self.items.iter().map(|item| item.goods).sum()
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
    pub(crate) set_aside: SetAside,
    descriptions: Descriptions,
}

/// What a seller must have: each product, and a price of it as [`Item::price`] has it.
pub(crate) type Goods = BTreeMap<String, (i64, i64)>;

impl Files {
    /// Reads a folder: orders, items and payments, and whatever else is there.
    ///
    /// # Errors
    /// A file or a column that is missing.
    pub(crate) fn read(folder: &Path) -> Result<Self> {
        let descriptions = Descriptions::read(folder)?;
        let lines = rows::read::<OrderRow>(folder)?;
        let ids: HashSet<String> = lines.iter().map(|line| line.order.clone()).collect();
        let mut set_aside = SetAside::default();
        let mut items = of_orders(rows::read::<ItemRow>(folder)?, &ids, &mut set_aside);
        let mut payments = of_orders(rows::read::<PaymentRow>(folder)?, &ids, &mut set_aside);
        let mut orders = Vec::new();
        let mut seen = HashSet::new();
        for line in lines {
            if !line.order.is_empty() && !seen.insert(line.order.clone()) {
                set_aside.count("its row is there already");
                continue;
            }
            let Some((row, status)) = legible(line, &mut set_aside) else {
                continue;
            };
            let (customer, ship_to) = descriptions.customer(&row.customer_id);
            let paid = payments.remove(&row.order_id).unwrap_or_default().into_iter();
            let order = FileOrder {
                customer,
                ship_to,
                status,
                items: merge(items.remove(&row.order_id).unwrap_or_default()),
                payments: paid.map(Payment::from).collect(),
                id: row.order_id,
            };
            match rule_against(&order, row.handed_over, &set_aside) {
                Some(rule) => set_aside.set(rule, order.id),
                None => orders.push(order),
            }
        }
        Ok(Self {
            orders,
            set_aside,
            descriptions,
        })
    }

    /// Every seller with the goods that the orders take from them.
    pub(crate) fn sellers(&self) -> Vec<(String, Goods)> {
        let mut sellers: BTreeMap<String, Goods> = BTreeMap::new();
        for item in self.orders.iter().flat_map(|order| &order.items) {
            let goods = sellers.entry(item.seller.clone()).or_default();
            goods.entry(item.product.clone()).or_insert_with(|| item.price());
        }
        sellers.into_iter().collect()
    }

    /// Where a seller is.
    pub(crate) fn locality(&self, seller: &str) -> Locality {
        self.descriptions.locality(seller)
    }

    /// What a product is.
    pub(crate) fn described(&self, product: &str) -> Described {
        self.descriptions.described(product)
    }

    pub(crate) fn tell(&self) {
        say(format_args!("{} orders are replayed", self.orders.len()));
        let items = || self.orders.iter().flat_map(|order| &order.items);
        let sellers: HashSet<&str> = items().map(|item| item.seller.as_str()).collect();
        let products: HashSet<&str> = items().map(|item| item.product.as_str()).collect();
        let unknown = (
            sellers.iter().filter(|seller| !self.descriptions.has_seller(seller)).count(),
            products.iter().filter(|product| !self.descriptions.has_product(product)).count(),
        );
        for (what, unknown) in [("sellers", unknown.0), ("products", unknown.1)] {
            if unknown > 0 {
                say(format_args!(
                    "{unknown:>7} {what} are described by no file, and are created all the same"
                ));
            }
        }
        self.set_aside.tell();
    }
}

/// The rows of each of these orders. What cannot be read is noted for its order; what is of no order here is of no interest.
fn of_orders<R: Row>(lines: Vec<Line<R>>, ids: &HashSet<String>, set_aside: &mut SetAside) -> HashMap<String, Vec<R>> {
    let mut rows: HashMap<String, Vec<R>> = HashMap::new();
    for line in lines.into_iter().filter(|line| ids.contains(&line.order) && !line.order.is_empty()) {
        match line.row {
            Ok(row) => rows.entry(line.order).or_default().push(row),
            Err(why) => set_aside.note::<R>(line.number, line.order, &why),
        }
    }
    rows
}

/// An order's row and status, unless one of them cannot be read: then the order is set aside.
fn legible(line: Line<OrderRow>, set_aside: &mut SetAside) -> Option<(OrderRow, Status)> {
    let (rule, why) = match line.row {
        Ok(row) => match row.status.parse() {
            Ok(status) => return Some((row, status)),
            Err(why) => ("its status is not known", why),
        },
        Err(why) => (UNREADABLE, why),
    };
    set_aside.note::<OrderRow>(line.number, line.order.clone(), &why);
    set_aside.set(rule, line.order);
    None
}

const UNREADABLE: &str = "a row of it cannot be read";

/// Why an order cannot be what the files say it was, or cannot be carried out.
fn rule_against(order: &FileOrder, handed_over: bool, set_aside: &SetAside) -> Option<&'static str> {
    if set_aside.is_noted(&order.id) {
        Some(UNREADABLE)
    } else if order.items.is_empty() {
        Some("it has no items")
    } else if order.paid() != order.goods() + order.freight() {
        Some("its payments are not its goods and freight")
    } else if order.status == Status::Cancelled && handed_over {
        Some("it was cancelled after it was handed over")
    } else if order.items.iter().any(|item| item.goods == 0) {
        Some("something of it costs nothing, and nobody gives goods away")
    } else if order.by_seller().len() > MOST_SELLERS {
        Some("it has more than 20 sellers")
    } else if order.items.len() > MOST_LINES {
        Some("it has more than 200 lines")
    } else {
        None
    }
}

/// One line for the pieces of a product from a seller, as a basket has it.
fn merge(rows: Vec<ItemRow>) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    for row in rows {
        match items
            .iter_mut()
            .find(|item| item.product == row.product_id && item.seller == row.seller_id)
        {
            Some(item) => {
                item.quantity += 1;
                item.goods += row.price;
                item.each = item.each.filter(|each| *each == row.price);
                item.freight += row.freight_value;
            }
            None => items.push(Item {
                product: row.product_id,
                seller: row.seller_id,
                quantity: 1,
                goods: row.price,
                each: Some(row.price),
                freight: row.freight_value,
            }),
        }
    }
    items
}

impl From<PaymentRow> for Payment {
    fn from(row: PaymentRow) -> Self {
        Self {
            means: row.payment_type,
            value: row.payment_value,
        }
    }
}

#[cfg(test)]
pub(super) mod tests;
