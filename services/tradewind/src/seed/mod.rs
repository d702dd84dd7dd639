//! The demo market: a dozen sellers of our own making, their goods and their
//! stock, put there through the public API. Doing it again changes nothing.

mod categories;

use anyhow::{Context, Result};
use futures::{StreamExt, TryStreamExt, stream};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    client::{Client, Person, money, text},
    steps::Steps,
};

/// The buyer in the demo market, whose wallet has money in it.
pub(crate) const BUYER: &str = "buyer@tradewind.example";

/// The seller of the demo market who is named to newcomers.
pub(crate) const SELLER: &str = "sales@pearlriver.example";

/// Who operates an ecosystem on this machine.
pub const OPERATOR: &str = "operator@tradewind.example";

/// How many products are listed side by side.
const SIDE_BY_SIDE: usize = 8;

#[derive(Deserialize)]
struct Market {
    seller: Vec<Seller>,
}

#[derive(Deserialize)]
struct Seller {
    company: String,
    email: String,
    country: String,
    city: String,
    currency: String,
    about: String,
    family: Vec<Family>,
}

/// Products that differ in one value.
#[derive(Deserialize)]
struct Family {
    title: String,
    /// From the root down, such as "Textiles > Yarn".
    category: String,
    about: String,
    brand: String,
    attribute: String,
    #[serde(default)]
    unit: String,
    values: Vec<String>,
    option: String,
    options: Vec<String>,
    tiers: Vec<Tier>,
    weight: i64,
    stock: i64,
}

#[derive(Deserialize)]
struct Tier {
    from: i64,
    price: i64,
    per: i64,
}

impl Family {
    /// The values of one with a unit are numbers.
    fn is_measured(&self) -> bool {
        !self.unit.is_empty()
    }
}

/// Fills the market behind this gateway, its categories as this operator, and shows how far it is; how many products there are.
///
/// # Errors
/// What the gateway refuses.
pub(crate) async fn fill(gateway: &Client, operator: &str) -> Result<usize> {
    let market: Market = toml::from_str(include_str!("market.toml")).context("the demo market is not readable")?;
    let total: usize = market
        .seller
        .iter()
        .flat_map(|seller| &seller.family)
        .map(|family| family.values.len())
        .sum();
    let operator = Person::sign_in(gateway, operator)
        .await
        .with_context(|| format!("signing in as {operator}"))?;
    let families = market.seller.iter().flat_map(|seller| &seller.family);
    let categories = categories::plant(&operator, families).await.context("the categories")?;
    let steps = Steps::new("demo market", u64::try_from(total)?)?;
    let buyer = Person::join(gateway, BUYER, "Ines Duarte", "BR").await?;
    for currency in ["USD", "EUR", "JPY", "INR", "BHD"] {
        buyer.top_up(&format!("demo {currency}"), money(500_000_000, currency)).await?;
    }
    for seller in &market.seller {
        let person = Person::join(gateway, &seller.email, &seller.company, &seller.country)
            .await
            .with_context(|| seller.company.clone())?;
        let store = person.open_store(&seller.company, &seller.country, &seller.currency).await?;
        describe(&person, &store, &seller.about).await?;
        let freight = Some((money(900, &seller.currency), money(250, &seller.currency)));
        let warehouse = text(
            &person
                .open_warehouse(&seller.company, &seller.city, &seller.country, freight)
                .await?,
            "id",
        );
        let store = text(&store, "id");
        let goods: Vec<(&Family, &String)> = seller
            .family
            .iter()
            .flat_map(|family| family.values.iter().map(move |value| (family, value)))
            .collect();
        let mut listed = stream::iter(goods)
            .map(|(family, value)| {
                list(
                    &person,
                    [&store, &warehouse, &categories[family.category.as_str()]],
                    &seller.currency,
                    family,
                    value,
                )
            })
            .buffer_unordered(SIDE_BY_SIDE);
        while let Some(()) = listed.try_next().await.with_context(|| seller.company.clone())? {
            steps.step();
        }
    }
    steps.finish();
    Ok(total)
}

/// A store is opened with its name and described once it is there.
async fn describe(person: &Person, store: &Value, about: &str) -> Result<()> {
    if store["description"].as_str() == Some(about) {
        return Ok(());
    }
    let path = format!("/v1/stores/{}", text(store, "id"));
    person
        .client
        .patch(&path, &format!("describe {path}"), json!({ "description": about }))
        .await?;
    Ok(())
}

async fn list(person: &Person, [store, warehouse, category]: [&str; 3], currency: &str, family: &Family, value: &str) -> Result<()> {
    let title = family.title.replace("{}", value);
    let attribute = if family.is_measured() {
        json!({ "name": family.attribute, "number": value.parse::<f64>()?, "unit": family.unit })
    } else {
        json!({ "name": family.attribute, "text": value })
    };
    let variants: Vec<Value> = family
        .options
        .iter()
        .enumerate()
        .map(|(place, option)| variant(family, value, place, option, currency))
        .collect();
    let product = json!({
        "storeId": store,
        "categoryId": category,
        "title": title,
        "description": family.about,
        "brand": family.brand,
        "attributes": [attribute],
        "optionNames": [family.option],
        "variants": variants,
        "publish": true,
    });
    let product = person.list_product(&format!("demo {title}"), product).await?;
    for variant in product["variants"].as_array().into_iter().flatten() {
        let id = text(variant, "id");
        person.receive_stock(&format!("demo {id}"), warehouse, &id, family.stock).await?;
    }
    Ok(())
}

fn variant(family: &Family, value: &str, place: usize, option: &str, currency: &str) -> Value {
    let tiers: Vec<Value> = family
        .tiers
        .iter()
        .map(|tier| {
            // Later options are a little dearer.
            let price = tier.price + tier.price * i64::try_from(place).unwrap_or(0) / 20;
            json!({ "minQuantity": tier.from.to_string(), "price": money(price, currency), "unitQuantity": tier.per.to_string() })
        })
        .collect();
    let sku: String = format!("{} {value} {option}", family.title.split(' ').next().unwrap_or_default());
    let sku: String = sku
        .chars()
        .map(|letter| {
            if letter.is_alphanumeric() {
                letter.to_ascii_uppercase()
            } else {
                '-'
            }
        })
        .collect();
    json!({ "sku": sku, "optionValues": [option], "priceTiers": tiers, "weightMg": family.weight.to_string() })
}
