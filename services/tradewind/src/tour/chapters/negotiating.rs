//! A buyer finds the resistor, asks for a better price, and gets a quotation.

use std::time::Duration;

use anyhow::Result;
use kernel::Clock;
use runtime::SystemClock;
use serde_json::{Value, json};

use super::opening::Shop;
use crate::{
    client::{Person, money, number, text},
    tour::{
        screen,
        stage::{Stage, pieces, sees},
    },
};

/// What was agreed.
pub(in crate::tour) struct Deal {
    pub(in crate::tour) buyer: Person,
    pub(in crate::tour) quotation: String,
    /// In cents: the goods and the freight.
    pub(in crate::tour) total: i64,
}

pub(in crate::tour) async fn tell(stage: &Stage, shop: &Shop) -> Result<Deal> {
    screen::chapter(2, "A buyer in Recife asks for a better price");
    screen::happens(
        "Rafael Lima registers and searches. The search index hears of products by the catalog's events, a moment after they are listed.",
    );
    let rafael = stage.founder("Rafael Lima", "Recife Eletronica", "BR").await?;
    let search = format!("/v1/products:search?query=chip%20resistor%20RN{}&facets=brand", stage.number());
    let is_it = |found: &Value| text(found, "productId") == shop.product;
    let found = |answer: &Value| answer["products"].as_array().is_some_and(|products| products.iter().any(is_it));
    stage.comes(&rafael, &search, "the search finds the resistor", found).await?;
    rafael.client.get(&format!("/v1/products/{}", shop.product)).await?;

    let conversation = ask(stage, &rafael, shop).await?;
    let (quotation, total) = quote(stage, &rafael, shop).await?;
    hand_over(stage, &rafael, shop, &conversation, &quotation).await?;
    Ok(Deal {
        buyer: rafael,
        quotation,
        total,
    })
}

async fn ask(stage: &Stage, rafael: &Person, shop: &Shop) -> Result<String> {
    screen::happens(
        "He opens a conversation about the product and asks. Messages are numbered 1, 2, 3 in each conversation, so that nobody misses one.",
    );
    let about = json!({ "organisationId": shop.seller.organisation, "context": { "productId": shop.product } });
    let conversation = text(&rafael.client.post("/v1/conversations", "conversation", about).await?, "id");
    let messages = format!("/v1/conversations/{conversation}/messages");
    let question = json!({ "text": "We need 25,000 pieces of the 1 % version. What is your best price, freight to Recife included?" });
    let asked = rafael.client.post(&messages, "question", question.clone()).await?;
    let again = rafael.client.post(&messages, "question", question).await?;
    sees(
        text(&again, "id") == text(&asked, "id"),
        "sent twice under one key, it is one message",
    )?;

    screen::happens("He listens for the answer: the live stream of server-sent events begins behind the last message that he has.");
    let mut stream = rafael.client.events(&format!("{messages}:stream"), "1").await?;
    screen::happens("Mei Lin reads the question in her inbox and answers. He hears it at once.");
    let inbox = |answer: &Value| {
        answer["conversations"]
            .as_array()
            .is_some_and(|all| all.iter().any(|one| text(one, "id") == conversation))
    };
    stage
        .comes(&shop.seller, "/v1/conversations", "the conversation is in her inbox", inbox)
        .await?;
    shop.seller.client.get(&messages).await?;
    let answer = json!({ "text": "For 25,000 pieces USD 8.10 per 1,000, and USD 18.00 freight by air. The quotation follows." });
    let answer = shop.seller.client.post(&messages, "answer", answer).await?;
    let heard = stage.hears("Rafael Lima", &mut stream).await?;
    sees(text(&heard.data, "id") == text(&answer, "id"), "her answer has reached him")?;
    Ok(conversation)
}

async fn quote(stage: &Stage, rafael: &Person, shop: &Shop) -> Result<(String, i64)> {
    screen::happens("The answer becomes a quotation: a price for this buyer, for a week, used once. No API takes a price from a buyer.");
    let quotation = json!({
        "buyerId": rafael.organisation,
        "lines": [{ "variantId": shop.variants[0], "quantity": pieces(25_000), "price": money(810, "USD"), "unitQuantity": pieces(1_000) }],
        "freight": money(1_800, "USD"),
        "expireTime": SystemClock.now().plus(Duration::from_secs(7 * 24 * 3_600)).to_string(),
        "note": format!("As discussed, tour {}", stage.number()),
    });
    let quotation = shop.seller.client.post("/v1/quotations", "quotation", quotation).await?;
    let total = number(&quotation["total"], "minorUnits");
    sees(total == 25 * 810 + 1_800, "25 times USD 8.10 and the freight are USD 220.50")?;
    Ok((text(&quotation, "id"), total))
}

async fn hand_over(stage: &Stage, rafael: &Person, shop: &Shop, conversation: &str, quotation: &str) -> Result<()> {
    screen::happens("She hands it over in the conversation.");
    let messages = format!("/v1/conversations/{conversation}/messages");
    let message = json!({ "text": "Here is our quotation.", "quotationId": quotation });
    shop.seller.client.post(&messages, "handover", message).await?;
    let heard = rafael.client.get(&format!("{messages}?afterSequence=1")).await?;
    let sequences: Vec<i64> = heard["messages"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|message| number(message, "sequence"))
        .collect();
    sees(sequences == [2, 3], "he has missed none of the messages after his own")?;
    rafael
        .client
        .post(
            &format!("/v1/conversations/{conversation}:markRead"),
            "read",
            json!({ "sequence": pieces(3) }),
        )
        .await?;
    let news = |answer: &Value| notified(answer, "quotation_received", quotation);
    stage
        .comes(rafael, "/v1/notifications?pageSize=5", "he was notified of the quotation", news)
        .await?;
    Ok(())
}

/// Whether somebody was notified of this.
pub(super) fn notified(answer: &Value, kind: &str, reference: &str) -> bool {
    let mut notifications = answer["notifications"].as_array().into_iter().flatten();
    notifications.any(|one| text(one, "kind") == kind && text(one, "reference") == reference)
}
