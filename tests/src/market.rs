//! A small market: sellers with goods and stock, and buyers with money.

use serde_json::{Value, json};
use tradewind::client::{Client, Person, money, number, text};

/// What one seller sells, in pieces at USD 10.00 with a fee of 2.5 %.
pub struct Goods {
    /// Who sells.
    pub seller: Person,
    /// "prd_…"
    pub product: String,
    /// "var_…"
    pub variant: String,
    /// "whs_…"
    pub warehouse: String,
}

/// A market on one ecosystem.
pub struct Market {
    /// Nobody signed in.
    pub gateway: Client,
}

impl Market {
    /// A seller from Guangzhou with so many pieces in stock.
    ///
    /// # Panics
    /// When the gateway refuses.
    pub async fn seller(&self, name: &str, pieces: i64) -> Goods {
        let seller = Person::join(&self.gateway, &format!("{name}@seller.example"), name, "CN")
            .await
            .unwrap();
        let store = text(&seller.open_store(name, "CN", "USD").await.unwrap(), "id");
        let warehouse = text(&seller.open_warehouse(name, "Guangzhou", "CN", None).await.unwrap(), "id");
        let tiers = json!([{ "minQuantity": "1", "price": money(1_000, "USD"), "unitQuantity": "1" }]);
        let product = json!({
            "storeId": store,
            "title": format!("Widget of {name}"),
            "description": "A widget.",
            "optionNames": [],
            "variants": [{ "sku": "W-1", "optionValues": [], "priceTiers": tiers, "weightMg": "250000" }],
            "publish": true,
        });
        let product = seller.list_product(&format!("product of {name}"), product).await.unwrap();
        let variant = text(&product["variants"][0], "id");
        seller
            .receive_stock(&format!("stock of {name}"), &warehouse, &variant, pieces)
            .await
            .unwrap();
        Goods {
            seller,
            product: text(&product, "id"),
            variant,
            warehouse,
        }
    }

    /// A buyer from Brazil with so much money, in cents.
    ///
    /// # Panics
    /// When the gateway refuses.
    pub async fn buyer(&self, name: &str, cents: i64) -> Person {
        let buyer = Person::join(&self.gateway, &format!("{name}@buyer.example"), name, "BR")
            .await
            .unwrap();
        if cents > 0 {
            buyer.top_up(&format!("{name} tops up"), money(cents, "USD")).await.unwrap();
        }
        buyer
    }

    /// The books as an operator sees them: what is wrong with them, which should be nothing.
    ///
    /// # Panics
    /// When the gateway refuses.
    pub async fn violations(&self) -> Vec<Value> {
        let operator = Person::join(&self.gateway, tradewind::seed::OPERATOR, "Operator", "SG")
            .await
            .unwrap();
        let balance = operator.client.get("/v1/ledger/trialBalance").await.unwrap();
        balance["violations"].as_array().cloned().unwrap_or_default()
    }
}

impl Goods {
    /// On hand and reserved, as the seller sees them.
    ///
    /// # Panics
    /// When the gateway refuses.
    pub async fn stock(&self) -> (i64, i64) {
        let stock = self.seller.client.get(&format!("/v1/stock/{}", self.variant)).await.unwrap();
        (number(&stock, "onHand"), number(&stock, "reserved"))
    }

    /// Hands an order to the sandbox carrier; the tracking number.
    ///
    /// # Panics
    /// When the gateway refuses.
    pub async fn ship(&self, order: &str) -> String {
        let path = format!("/v1/orders/{order}/shipments");
        let shipment = self
            .seller
            .client
            .post(&path, &format!("ship {order}"), json!({ "carrier": "sandbox" }))
            .await
            .unwrap();
        text(&shipment["parcels"][0], "trackingNumber")
    }
}
