//! Who trades in the benchmark: sellers with a thousand products, buyers with money.

use anyhow::Result;
use futures::{StreamExt, TryStreamExt, stream};
use serde_json::json;

use super::{BUYERS, stack::Stack};
use crate::client::{Client, Person, money, text};

/// How many sellers there are, and what each lists.
const SELLERS: usize = 10;
const PRODUCTS_EACH: usize = 100;

/// Stock that never runs out.
const PLENTY: i64 = 1_000_000_000;

/// A buyer on the wire.
pub(crate) struct Buyer {
    pub(crate) token: String,
    pub(crate) organisation: String,
}

pub(crate) struct Market {
    pub(crate) gateway: Client,
    pub(crate) buyers: Vec<Buyer>,
    pub(crate) products: Vec<String>,
    pub(crate) variants: Vec<String>,
}

impl Market {
    pub(crate) async fn open(stack: &Stack) -> Result<Self> {
        let gateway = Client::new(stack.url());
        let sellers = stream::iter(0..SELLERS).map(|seller| sell(gateway.clone(), seller)).buffered(4);
        let goods: Vec<Vec<(String, String)>> = sellers.try_collect().await?;
        let (products, variants) = goods.into_iter().flatten().unzip();
        let joining = stream::iter(0..BUYERS).map(|buyer| {
            let gateway = gateway.clone();
            async move {
                let person = Person::join(&gateway, &format!("buyer{buyer}@bench.example"), "Buyer", "BR").await?;
                person.top_up("funds", money(1_000_000_000_000, "USD")).await?;
                anyhow::Ok(Buyer {
                    token: person.client.token().unwrap_or_default().to_owned(),
                    organisation: person.organisation,
                })
            }
        });
        let buyers = joining.buffered(8).try_collect().await?;
        Ok(Self {
            gateway,
            buyers,
            products,
            variants,
        })
    }

    /// One more product, with so many pieces.
    pub(crate) async fn rare(&self, name: &str, pieces: i64) -> Result<String> {
        let seller = Person::join(&self.gateway, &format!("{name}@bench.example"), name, "CN").await?;
        let (store, warehouse) = shop(&seller, name).await?;
        Ok(list(&seller, &store, &warehouse, name, pieces).await?.1)
    }
}

async fn sell(gateway: Client, number: usize) -> Result<Vec<(String, String)>> {
    let name = format!("seller{number}");
    let seller = Person::join(&gateway, &format!("{name}@bench.example"), &name, "CN").await?;
    let (store, warehouse) = shop(&seller, &name).await?;
    let titles: Vec<String> = (0..PRODUCTS_EACH).map(|product| format!("{name} widget {product}")).collect();
    stream::iter(&titles)
        .map(|title| list(&seller, &store, &warehouse, title, PLENTY))
        .buffered(8)
        .try_collect()
        .await
}

async fn shop(seller: &Person, name: &str) -> Result<(String, String)> {
    let store = text(&seller.open_store(name, "CN", "USD").await?, "id");
    let warehouse = text(&seller.open_warehouse(name, "Shenzhen", "CN", None).await?, "id");
    Ok((store, warehouse))
}

async fn list(seller: &Person, store: &str, warehouse: &str, title: &str, pieces: i64) -> Result<(String, String)> {
    let tiers = json!([{ "minQuantity": "1", "price": money(1_000, "USD"), "unitQuantity": "1" }]);
    let product = json!({
        "storeId": store,
        "title": title,
        "description": "A widget of the benchmark, as good as any other and better than most.",
        "attributes": [{ "name": "Colour", "text": "grey" }, { "name": "Width", "number": 12.5, "unit": "mm" }],
        "variants": [{ "sku": title, "priceTiers": tiers, "weightMg": "250000" }],
        "publish": true,
    });
    let product = seller.list_product(title, product).await?;
    let variant = text(&product["variants"][0], "id");
    seller.receive_stock(title, warehouse, &variant, pieces).await?;
    Ok((text(&product, "id"), variant))
}
