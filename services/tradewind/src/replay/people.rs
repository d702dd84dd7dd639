//! The sellers and customers of the files, as people of ours.

use std::{collections::HashMap, sync::Arc, time::Duration};

use anyhow::{Context, Result};
use runtime::is_invisible;
use serde_json::{Value, json};
use tokio::sync::{Mutex, Semaphore};

use super::{
    descriptions::{Described, Locality},
    files::{Files, Goods},
};
use crate::client::{Client, Error, Person, money, text};

/// How many sign in at once: whoever waits too long for an answer asks again, and has the same password checked twice.
const AT_THE_DOOR: usize = 4;

/// How often a seller looks again for a product of theirs that somebody listed a moment ago.
const LOOKS: u32 = 20;

/// Everybody who takes part.
pub(crate) struct People {
    gateway: Client,
    /// By e-mail address. Whoever is just being asked for is waited for, so
    /// that nobody signs in twice: passwords are checked slowly on purpose.
    known: Mutex<HashMap<String, Known>>,
    /// Where passwords are checked.
    door: Semaphore,
    shops: Mutex<HashMap<String, Shop>>,
    /// Seller and product of each variant.
    sold: Mutex<HashMap<String, (String, String)>>,
}

/// Somebody who has signed in.
type Known = Arc<Mutex<Option<Person>>>;

/// Where a seller sells from, and what.
#[derive(Clone, Default)]
struct Shop {
    warehouse: String,
    /// By product.
    variants: HashMap<String, String>,
}

impl People {
    pub(crate) fn new(gateway: Client) -> Self {
        Self {
            gateway,
            known: Mutex::default(),
            door: Semaphore::new(AT_THE_DOOR),
            shops: Mutex::default(),
            sold: Mutex::default(),
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
        let known = self.known.lock().await.entry(email.to_owned()).or_default().clone();
        let mut known = known.lock().await;
        let person = match known.take() {
            Some(person) if person.is_fresh() => person,
            Some(person) => match person.refreshed(&self.gateway).await {
                Ok(person) => person,
                // Perhaps the answer was lost, and with it the session.
                Err(_) => self.enter(email, name).await?,
            },
            None => self.enter(email, name).await?,
        };
        Ok(known.insert(person).clone())
    }

    async fn enter(&self, email: &str, name: &str) -> Result<Person> {
        let _door = self.door.acquire().await?;
        Ok(Person::join(&self.gateway, email, name, "BR").await?)
    }

    /// The variant that a seller sells a product as.
    pub(crate) async fn variant(&self, seller: &str, product: &str) -> Result<String> {
        let shops = self.shops.lock().await;
        shops
            .get(seller)
            .and_then(|shop| shop.variants.get(product))
            .cloned()
            .with_context(|| format!("seller {seller} has no product {product}"))
    }

    /// Who sells this variant, and as which product; the variant itself when nobody here does.
    pub(crate) async fn sells(&self, variant: &str) -> (String, String) {
        let sold = self.sold.lock().await.get(variant).cloned();
        sold.unwrap_or_else(|| ("nobody".to_owned(), variant.to_owned()))
    }

    /// The warehouse of a seller.
    pub(crate) async fn warehouse(&self, seller: &str) -> Result<String> {
        let shops = self.shops.lock().await;
        let shop = shops.get(seller).with_context(|| format!("seller {seller} has no warehouse"))?;
        Ok(shop.warehouse.clone())
    }

    /// Opens a seller's store and warehouse, and lists what they sell. What
    /// another replay opened and listed is there already, and stays as it is.
    pub(crate) async fn open_shop(&self, seller: &str, goods: &Goods, files: &Files) -> Result<()> {
        let person = self.seller(seller).await?;
        let store = text(&person.open_store(seller, "BR", "BRL").await?, "id");
        let warehouse = warehouse(&person, seller, &files.locality(seller)).await?;
        let mut variants = listed(&person, &store).await?;
        for (product, price) in goods {
            if !variants.contains_key(product) {
                let body = listing(&store, product, *price, &files.described(product));
                let key = format!("list {seller} {product}");
                variants.insert(product.clone(), list(&person, &store, product, &key, body).await?);
            }
        }
        let sold = variants
            .iter()
            .map(|(product, variant)| (variant.clone(), (seller.to_owned(), product.clone())));
        self.sold.lock().await.extend(sold);
        self.shops.lock().await.insert(seller.to_owned(), Shop { warehouse, variants });
        Ok(())
    }
}

/// The seller's warehouse, opened unless there is one.
async fn warehouse(person: &Person, seller: &str, locality: &Locality) -> Result<String, Error> {
    let known = person.client.get("/v1/warehouses").await?;
    if let Some(warehouse) = known["warehouses"].as_array().and_then(|all| all.first()) {
        return Ok(text(warehouse, "id"));
    }
    let body = json!({ "name": seller, "address": address(seller, locality) });
    let opened = person.client.post("/v1/warehouses", &format!("warehouse {seller}"), body).await;
    Ok(text(&opened?, "id"))
}

/// The variants that a store has, by product.
async fn listed(person: &Person, store: &str) -> Result<HashMap<String, String>, Error> {
    let path = format!("/v1/stores/{store}/products?includeUnpublished=true");
    let products = person.client.list(&path, "products").await?;
    let first = products.iter().map(|product| &product["variants"][0]);
    Ok(first.map(|variant| (text(variant, "sku"), text(variant, "id"))).collect())
}

fn listing(store: &str, product: &str, (price, pieces): (i64, i64), described: &Described) -> Value {
    let kind = plain(&described.category, 100);
    let kind = if kind.is_empty() { "product" } else { &kind };
    let tiers = json!([{ "minQuantity": "1", "price": money(price, "BRL"), "unitQuantity": pieces.to_string() }]);
    let weight = described.weight_mg.unwrap_or_default().to_string();
    json!({
        "storeId": store,
        "title": format!("{kind} {product}"),
        "variants": [{ "sku": product, "priceTiers": tiers, "weightMg": weight }],
        "publish": true,
    })
}

/// Lists a product. A listing that was under way when a replay was stopped may have
/// been another one, of files with another price: then that one counts.
async fn list(person: &Person, store: &str, product: &str, key: &str, body: Value) -> Result<String> {
    let mut looks = 0;
    loop {
        match person.list_product(key, body.clone()).await {
            Ok(listed) => return Ok(text(&listed["variants"][0], "id")),
            Err(error) if looks < LOOKS && ["IDEMPOTENCY_KEY_REUSED", "SKU_TAKEN"].contains(&error.reason()) => {
                if let Some(variant) = listed(person, store).await?.remove(product) {
                    return Ok(variant);
                }
                looks += 1;
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            Err(error) => return Err(error).with_context(|| format!("product {product}")),
        }
    }
}

/// An address in Brazil, as far as the files know it.
pub(super) fn address(recipient: &str, locality: &Locality) -> Value {
    let city = plain(&locality.city, 200);
    json!({
        "recipient": recipient,
        "lines": ["1 Rua das Flores"],
        "city": if city.is_empty() { "Brasil" } else { &city },
        "region": plain(&locality.state, 200),
        "postalCode": plain(&locality.zip, 20),
        "country": "BR",
    })
}

/// One line of so many characters at most, without any that the API refuses.
fn plain(text: &str, most: usize) -> String {
    let line: String = text
        .chars()
        .map(|c| if c.is_control() || is_invisible(c) { ' ' } else { c })
        .collect();
    line.trim().chars().take(most).collect()
}

#[cfg(test)]
mod tests {
    use runtime::Violations;

    use super::*;

    #[test]
    fn whatever_the_files_say_makes_a_text_that_the_api_takes() {
        let everything: String = (0..=u32::from(char::MAX)).filter_map(char::from_u32).collect();
        let line = plain(&everything, usize::MAX);
        let mut check = Violations::new();
        check.text("city", &line, 1_000_000..=2_000_000);
        assert!(check.finish(()).is_ok() && !line.contains(['\t', '\r', '\n']));
    }

    #[test]
    fn a_city_of_which_nothing_can_be_seen_is_somewhere_in_brazil() {
        let city = |city: &str| {
            let locality = Locality {
                city: city.to_owned(),
                ..Locality::default()
            };
            text(&address("Receiving", &locality), "city")
        };
        assert_eq!(city("são\u{202e} paulo"), "são  paulo");
        for invisible in ["", " ", "\u{2028}", "\u{3000}\t"] {
            assert_eq!(city(invisible), "Brasil");
        }
    }
}
