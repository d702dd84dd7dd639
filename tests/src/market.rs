//! A small market: sellers with goods and stock, and buyers with money.

use std::time::Duration;

use harness::until;
use kernel::Clock;
use runtime::SystemClock;
use serde_json::json;
use tradewind::{
    client::{Client, Person, money, number, text},
    seed::OPERATOR,
};

/// How long a seller waits until logistics has heard of a payment.
const PATIENCE: Duration = Duration::from_secs(60);

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

/// Everybody who trades in one ecosystem.
pub struct Market {
    /// Speaks for nobody.
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

    /// The platform's operator.
    ///
    /// # Panics
    /// When the gateway refuses.
    pub async fn operator(&self) -> Person {
        Person::sign_in(&self.gateway, OPERATOR).await.unwrap()
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

    /// Quotes this buyer two pieces at USD 9.00 and a dollar of freight, for a week; the quotation's id.
    ///
    /// # Panics
    /// When the gateway refuses.
    pub async fn quote(&self, buyer: &Person) -> String {
        let in_a_week = SystemClock.now().plus(Duration::from_secs(7 * 24 * 3_600));
        let quotation = json!({
            "buyerId": buyer.organisation,
            "lines": [{ "variantId": self.variant, "quantity": "2", "price": money(900, "USD"), "unitQuantity": "1" }],
            "freight": money(100, "USD"),
            "expireTime": in_a_week.to_string(),
        });
        let quoted = self.seller.client.post("/v1/quotations", "quote", quotation).await.unwrap();
        text(&quoted, "id")
    }

    /// Sells pieces at the catalog's price to a buyer, who pays from the wallet; the order, once it is paid.
    ///
    /// # Panics
    /// When the gateway refuses, or the order is never paid.
    pub async fn sell(&self, buyer: &Person, key: &str, pieces: i64) -> String {
        let checkout = buyer.check_out(key, &[(&self.variant, pieces)], &[], "BR").await.unwrap();
        buyer.pay(&format!("{key} is paid"), &text(&checkout, "paymentId")).await.unwrap();
        let order = text(&checkout["orders"][0], "id");
        reaches(buyer, &order, "PAID").await;
        order
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
            .post_when_ready(
                &path,
                &format!("ship {order}"),
                json!({ "carrier": "sandbox" }),
                "NOT_PAID",
                PATIENCE,
            )
            .await
            .unwrap();
        text(&shipment["parcels"][0], "trackingNumber")
    }
}

/// Waits until an order is in a state, such as `PAID`.
///
/// # Panics
/// When it does not come to be.
pub async fn reaches(person: &Person, order: &str, state: &str) {
    let wanted = format!("ORDER_STATE_{state}");
    until(&format!("{order} is {state}"), || async {
        person.order(order).await.is_ok_and(|order| text(&order, "state") == wanted)
    })
    .await;
}

/// The buyer is content with an order.
///
/// # Panics
/// When the gateway refuses.
pub async fn accept(buyer: &Person, order: &str) {
    let path = format!("/v1/orders/{order}:accept");
    buyer.client.post(&path, &format!("accept {order}"), json!({})).await.unwrap();
}
