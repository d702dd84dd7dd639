//! Buyer and sellers rate each other, and the order's timeline shows all that happened.

use anyhow::Result;
use serde_json::{Value, json};

use super::{buying::Purchase, opening::Shop};
use crate::{
    client::{Person, number, text},
    tour::{
        screen,
        stage::{PATIENCE, Stage, sees},
    },
};

/// What the timeline of a whole purchase shows, in this order.
const WHOLE: [&str; 8] = [
    "placed",
    "paid",
    "shipped",
    "delivered",
    "accepted",
    "completed",
    "reviewed",
    "reviewed",
];

pub(in crate::tour) async fn tell(stage: &Stage, rafael: &Person, purchase: &Purchase, [resistors, enclosures]: [&Shop; 2]) -> Result<()> {
    screen::chapter(6, "Buyer and sellers rate each other");
    screen::happens("Whoever bought may review, once for each line of a completed order. The product and the seller are rated apart.");
    for (shop, order, stars, words) in [
        (resistors, &purchase.resistors, [5, 5], "Exactly as described, and here in a week."),
        (
            enclosures,
            &purchase.enclosures,
            [4, 5],
            "Good gaskets. The inserts could be deeper.",
        ),
    ] {
        review(stage, rafael, shop, order, stars, words).await?;
    }
    screen::happens("Whoever sold may review the buyer, once for each order.");
    for (shop, order, stars) in [(resistors, &purchase.resistors, 5), (enclosures, &purchase.enclosures, 4)] {
        let body = json!({ "orderId": order["id"], "rating": stars, "text": "Clear questions, prompt payment." });
        shop.seller
            .client
            .post_when_ready("/v1/buyerReviews", "review buyer", body, "NOT_SOLD", PATIENCE)
            .await?;
    }
    let rating = rafael.client.get(&format!("/v1/buyers/{}/rating", rafael.organisation)).await?;
    sees(rates(&rating, 4.5, 2), "as a buyer he has 4.5 stars of two sellers")?;

    screen::happens("Each order's timeline tells it all.");
    for order in [&purchase.resistors, &purchase.enclosures] {
        let path = format!("/v1/orders/{}/timeline", text(order, "id"));
        let claim = format!("it goes from {}", WHOLE.join(" to "));
        stage.comes(rafael, &path, claim, is_whole).await?;
    }
    Ok(())
}

fn is_whole(timeline: &Value) -> bool {
    let entries = timeline["entries"].as_array().into_iter().flatten();
    let mut kinds = entries.map(|entry| text(entry, "kind"));
    WHOLE.iter().all(|wanted| kinds.any(|kind| kind == *wanted))
}

async fn review(stage: &Stage, rafael: &Person, shop: &Shop, order: &Value, [product, seller]: [i32; 2], words: &str) -> Result<()> {
    let body = json!({
        "orderId": order["id"],
        "variantId": shop.variants[0],
        "productRating": product,
        "sellerRating": seller,
        "text": words,
    });
    let key = format!("review {}", shop.product);
    let review = rafael
        .client
        .post_when_ready("/v1/reviews", &key, body, "NOT_BOUGHT", PATIENCE)
        .await?;
    let reply = json!({ "text": "Thank you! We are glad to hear it." });
    let path = format!("/v1/reviews/{}:reply", text(&review, "id"));
    shop.seller.client.post(&path, "reply", reply).await?;
    let path = format!("/v1/products/{}", shop.product);
    let rated = |answer: &Value| rates(&answer["rating"], f64::from(product), 1);
    stage
        .comes(rafael, &path, format!("{product} stars stand on the product's page"), rated)
        .await?;
    let rating = rafael
        .client
        .get(&format!("/v1/sellers/{}/rating", shop.seller.organisation))
        .await?;
    sees(rates(&rating, f64::from(seller), 1), format!("and {seller} on {}'s", shop.name))
}

fn rates(rating: &Value, average: f64, count: i64) -> bool {
    rating["average"].as_f64() == Some(average) && number(rating, "count") == count
}
