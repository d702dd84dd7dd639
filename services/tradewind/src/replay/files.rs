//! The marketplace's files (Olist's format): which of their orders can be replayed, and what they tell of sellers, products and customers.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    path::Path,
    str::FromStr,
};

use anyhow::Result;

use super::rows::{CustomerRow, ItemRow, OrderRow, PaymentRow, ProductRow, SellerRow, TranslationRow, read, read_if_there};

/// An order as the files have it, money in cents.
pub(crate) struct FileOrder {
    pub(crate) id: String,
    pub(crate) customer: String,
    pub(crate) ship_to: Place,
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

/// Where somebody is in Brazil, as far as the files know.
#[derive(Clone, Default)]
pub(crate) struct Place {
    pub(crate) city: String,
    pub(crate) state: String,
    pub(crate) zip: String,
}

/// What the files tell of a product.
#[derive(Clone, Default)]
pub(crate) struct Described {
    /// In English where it is translated; empty when it is in none.
    pub(crate) category: String,
    pub(crate) weight_mg: Option<i64>,
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
        match name {
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
    /// Orders that are set aside.
    pub(crate) aside: Vec<String>,
    rules: BTreeMap<&'static str, usize>,
    known: Known,
}

/// What a seller must have: each product, and a price of it as [`Item::price`] has it.
pub(crate) type Goods = BTreeMap<String, (i64, i64)>;

/// Whom and what the files know. Without the file, everybody and everything that is named.
struct Known {
    customers: HashMap<String, (String, Place)>,
    sellers: Option<HashMap<String, Place>>,
    products: Option<HashMap<String, Described>>,
}

impl Files {
    pub(crate) fn read(folder: &Path) -> Result<Self> {
        let known = Known::read(folder)?;
        let mut items = group(read::<ItemRow>(folder, "olist_order_items_dataset.csv")?, |row| {
            row.order_id.clone()
        });
        let mut payments = group(read::<PaymentRow>(folder, "olist_order_payments_dataset.csv")?, |row| {
            row.order_id.clone()
        });
        let (mut orders, mut aside) = (Vec::new(), Vec::new());
        let mut rules = BTreeMap::new();
        let mut seen = HashSet::new();
        for row in read::<OrderRow>(folder, "olist_orders_dataset.csv")? {
            if !seen.insert(row.order_id.clone()) {
                *rules.entry("its row is there already").or_default() += 1;
                continue;
            }
            let customer = known.customers.get(&row.customer_id);
            let (customer, ship_to) = customer.cloned().unwrap_or_default();
            let paid = payments.remove(&row.order_id).unwrap_or_default().into_iter();
            let order = FileOrder {
                customer,
                ship_to,
                status: row.status,
                items: merge(items.remove(&row.order_id).unwrap_or_default()),
                payments: paid.map(Payment::from).collect(),
                id: row.order_id,
            };
            match rule_against(&order, row.handed_over, &known) {
                Some(rule) => {
                    *rules.entry(rule).or_default() += 1;
                    aside.push(order.id);
                }
                None => orders.push(order),
            }
        }
        Ok(Self {
            orders,
            aside,
            rules,
            known,
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
    pub(crate) fn place(&self, seller: &str) -> Place {
        let sellers = self.known.sellers.as_ref();
        sellers.and_then(|sellers| sellers.get(seller)).cloned().unwrap_or_default()
    }

    /// What a product is.
    pub(crate) fn described(&self, product: &str) -> Described {
        let products = self.known.products.as_ref();
        products.and_then(|products| products.get(product)).cloned().unwrap_or_default()
    }

    pub(crate) fn tell(&self) {
        println!("{} orders are replayed", self.orders.len());
        for (rule, count) in &self.rules {
            println!("{count:>7} set aside: {rule}");
        }
    }
}

impl Known {
    fn read(folder: &Path) -> Result<Self> {
        let customers = read::<CustomerRow>(folder, "olist_customers_dataset.csv")?.into_iter().map(|row| {
            let place = Place {
                city: row.customer_city,
                state: row.customer_state,
                zip: row.customer_zip_code_prefix,
            };
            (row.customer_id, (row.customer_unique_id, place))
        });
        let sellers = read_if_there::<SellerRow>(folder, "olist_sellers_dataset.csv")?.map(|rows| {
            let sellers = rows.into_iter().map(|row| {
                let place = Place {
                    city: row.seller_city,
                    state: row.seller_state,
                    zip: row.seller_zip_code_prefix,
                };
                (row.seller_id, place)
            });
            sellers.collect()
        });
        let english = read_if_there::<TranslationRow>(folder, "product_category_name_translation.csv")?.unwrap_or_default();
        let english: HashMap<String, String> = english
            .into_iter()
            .map(|row| (row.product_category_name, row.product_category_name_english))
            .collect();
        let products = read_if_there::<ProductRow>(folder, "olist_products_dataset.csv")?.map(|rows| {
            let mut products = HashMap::new();
            for row in rows {
                let category = english.get(&row.product_category_name).unwrap_or(&row.product_category_name);
                // A product in two categories is in the first.
                products.entry(row.product_id).or_insert_with(|| Described {
                    category: category.replace('_', " "),
                    weight_mg: row.weight_mg,
                });
            }
            products
        });
        Ok(Self {
            customers: customers.collect(),
            sellers,
            products,
        })
    }
}

/// Why an order cannot be what the files say it was.
fn rule_against(order: &FileOrder, handed_over: bool, known: &Known) -> Option<&'static str> {
    let every = |known: &dyn Fn(&Item) -> bool| order.items.iter().all(known);
    if order.items.is_empty() {
        Some("it has no items")
    } else if order.customer.is_empty() {
        Some("its customer is in no file")
    } else if !every(&|item| known.sellers.as_ref().is_none_or(|sellers| sellers.contains_key(&item.seller))) {
        Some("a seller of it is in no file")
    } else if !every(&|item| known.products.as_ref().is_none_or(|products| products.contains_key(&item.product))) {
        Some("a product of it is in no file")
    } else if order.paid() != order.goods() + order.freight() {
        Some("its payments are not its goods and freight")
    } else if !every(&|item| item.goods > 0) {
        Some("something of it costs nothing")
    } else if order.status == Status::Cancelled && handed_over {
        Some("it was cancelled after it was handed over")
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

fn group<R>(rows: Vec<R>, key: impl Fn(&R) -> String) -> HashMap<String, Vec<R>> {
    let mut groups: HashMap<String, Vec<R>> = HashMap::new();
    for row in rows {
        groups.entry(key(&row)).or_default().push(row);
    }
    groups
}

#[cfg(test)]
mod tests;
