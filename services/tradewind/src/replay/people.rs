//! The sellers and customers of the files, as people of ours.

use std::{collections::HashMap, time::Duration};

use anyhow::{Context, Result};
use serde_json::json;
use tokio::{sync::Mutex, time::Instant};

use super::files::Goods;
use crate::client::{Client, Person, money, text};

/// Somebody who signed in longer ago than this signs in again.
const FRESH: Duration = Duration::from_secs(600);

/// Everybody who takes part.
pub(crate) struct People {
    gateway: Client,
    known: Mutex<HashMap<String, (Person, Instant)>>,
    shops: Mutex<HashMap<String, HashMap<String, String>>>,
}

impl People {
    pub(crate) fn new(gateway: Client) -> Self {
        Self {
            gateway,
            known: Mutex::default(),
            shops: Mutex::default(),
        }
    }

    pub(crate) fn gateway(&self) -> &Client {
        &self.gateway
    }

    pub(crate) async fn seller(&self, id: &str) -> Result<Person> {
        self.person(&format!("{id}@seller.olist.example"), id).await
    }

    pub(crate) async fn customer(&self, id: &str) -> Result<Person> {
        self.person(&format!("{id}@customer.olist.example"), id).await
    }

    async fn person(&self, email: &str, name: &str) -> Result<Person> {
        if let Some((person, since)) = self.known.lock().await.get(email)
            && since.elapsed() < FRESH
        {
            return Ok(person.clone());
        }
        let person = Person::join(&self.gateway, email, name, "BR").await?;
        self.known.lock().await.insert(email.to_owned(), (person.clone(), Instant::now()));
        Ok(person)
    }

    /// The variant that a seller sells a product as.
    pub(crate) async fn variant(&self, seller: &str, product: &str) -> Result<String> {
        let shops = self.shops.lock().await;
        shops
            .get(seller)
            .and_then(|shop| shop.get(product))
            .cloned()
            .with_context(|| format!("seller {seller} has no product {product}"))
    }

    /// The variants of a seller, by product.
    pub(crate) async fn shop(&self, seller: &str) -> HashMap<String, String> {
        self.shops.lock().await.get(seller).cloned().unwrap_or_default()
    }

    /// Opens a seller's store and warehouse, lists what they sell, and puts as many pieces there as the orders take.
    pub(crate) async fn open_shop(&self, seller: &str, goods: &Goods) -> Result<()> {
        let person = self.seller(seller).await?;
        let store = text(&person.open_store(seller, "BR", "BRL").await?, "id");
        let warehouse = text(&person.open_warehouse(seller, "Sao Paulo", "BR", None).await?, "id");
        let mut shop = HashMap::new();
        for (product, (pieces, price)) in goods {
            let key = format!("{seller} {product}");
            let tiers = json!([{ "minQuantity": "1", "price": money(*price, "BRL"), "unitQuantity": "1" }]);
            let body = json!({
                "storeId": store,
                "title": format!("Product {product}"),
                "variants": [{ "sku": product, "priceTiers": tiers, "weightMg": "1000000" }],
                "publish": true,
            });
            let listed = person.list_product(&format!("list {key}"), body).await?;
            let variant = text(&listed["variants"][0], "id");
            person
                .receive_stock(&format!("receive {key}"), &warehouse, &variant, *pieces)
                .await?;
            shop.insert(product.clone(), variant);
        }
        self.shops.lock().await.insert(seller.to_owned(), shop);
        Ok(())
    }
}
