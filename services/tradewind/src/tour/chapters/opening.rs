//! A manufacturer in Guangzhou opens shop, and so does another seller, in Haiphong.

use anyhow::Result;
use serde_json::{Value, json};

use crate::{
    client::{Person, money, number, text},
    tour::{
        screen,
        stage::{Stage, pieces, sees},
    },
};

/// What one seller has on the market.
pub(in crate::tour) struct Shop {
    pub(in crate::tour) seller: Person,
    /// What the seller is called in this story.
    pub(in crate::tour) name: &'static str,
    pub(in crate::tour) product: String,
    pub(in crate::tour) variants: Vec<String>,
}

/// Who sells in this story: resistors from Guangzhou, enclosures from Haiphong.
pub(in crate::tour) async fn tell(stage: &Stage) -> Result<(Shop, Shop)> {
    screen::chapter(1, "A manufacturer in Guangzhou opens shop");
    screen::happens("Mei Lin registers, opens an organisation, and acts for it: whatever she owns from now on belongs to the company.");
    let mei = stage.founder("Mei Lin", "Lianhe Precision Electronics", "CN").await?;
    let store = mei.open_store("Lianhe Components", "CN", "USD").await?;
    screen::happens(
        "She lists a resistor: two tolerances, and a price per 1,000 that falls with the quantity, from a minimum of 1,000 pieces on.",
    );
    let resistors = list(mei, "Mei Lin", &store, resistor(stage.number())).await?;
    screen::happens("A warehouse with its freight rates, and stock in it: nothing can be sold that is not there.");
    fill(&resistors, "Guangzhou", "CN", &[60_000, 40_000]).await?;

    screen::happens("Anh Pham does the same in Haiphong, for enclosures.");
    let anh = stage.founder("Anh Pham", "Red River Enclosures", "VN").await?;
    let store = anh.open_store("Red River Store", "VN", "USD").await?;
    let enclosures = list(anh, "Anh Pham", &store, enclosure(stage.number())).await?;
    fill(&enclosures, "Haiphong", "VN", &[100]).await?;
    Ok((resistors, enclosures))
}

/// Puts a product on the market.
async fn list(seller: Person, name: &'static str, store: &Value, mut product: Value) -> Result<Shop> {
    product["storeId"] = store["id"].clone();
    let product = seller.list_product("product", product).await?;
    sees(text(&product, "state") == "PRODUCT_STATE_PUBLISHED", "it is on the market")?;
    let variants = product["variants"].as_array().into_iter().flatten();
    Ok(Shop {
        name,
        product: text(&product, "id"),
        variants: variants.map(|variant| text(variant, "id")).collect(),
        seller,
    })
}

/// Opens a warehouse, and puts pieces of each variant there.
async fn fill(shop: &Shop, city: &str, country: &str, stock: &[i64]) -> Result<()> {
    let freight = Some((money(900, "USD"), money(250, "USD")));
    let warehouse = shop
        .seller
        .open_warehouse(&format!("{city} warehouse"), city, country, freight)
        .await?;
    for (variant, quantity) in shop.variants.iter().zip(stock) {
        let key = format!("receive {variant}");
        let stock = shop.seller.receive_stock(&key, &text(&warehouse, "id"), variant, *quantity).await?;
        sees(number(&stock, "available") == *quantity, format!("{quantity} pieces can be sold"))?;
    }
    Ok(())
}

/// Prices in cents per 1,000 pieces, in multiples of 1,000.
fn resistor(number: &str) -> Value {
    let tier = |from: i64, price: i64| json!({ "minQuantity": pieces(from), "price": money(price, "USD"), "unitQuantity": pieces(1_000) });
    let variant = |tolerance: &str, sku: &str, prices: [i64; 3]| {
        json!({
            "sku": format!("RN{number}-{sku}"),
            "optionValues": [tolerance],
            "priceTiers": [tier(1_000, prices[0]), tier(10_000, prices[1]), tier(100_000, prices[2])],
            "orderIncrement": pieces(1_000),
            "weightMg": "20",
        })
    };
    json!({
        "title": format!("Chip resistor 10 kOhm, 0603, series RN{number}"),
        "description": "Thick film chip resistor for general electronics, on reels of 5,000.",
        "brand": "Lianhe",
        "attributes": [
            { "name": "Resistance", "number": 10, "unit": "kOhm" },
            { "name": "Power rating", "number": 0.1, "unit": "W" },
            { "name": "Lead free", "flag": true },
        ],
        "optionNames": ["tolerance"],
        "variants": [variant("1 %", "1", [1_200, 950, 780]), variant("5 %", "5", [700, 560, 450])],
        "publish": true,
    })
}

fn enclosure(number: &str) -> Value {
    let tier = |from: i64, price: i64| json!({ "minQuantity": pieces(from), "price": money(price, "USD") });
    json!({
        "title": format!("Wall enclosure 120 x 80 mm, IP65, series EN{number}"),
        "description": "ABS enclosure with a gasket and brass inserts.",
        "brand": "Red River",
        "attributes": [{ "name": "Protection", "text": "IP65" }],
        "variants": [{ "sku": format!("EN{number}"), "priceTiers": [tier(1, 690), tier(100, 590)], "weightMg": "120000" }],
        "publish": true,
    })
}
