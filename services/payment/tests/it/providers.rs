//! Providers that decline, stay silent, or take something else than they were asked for.

use std::time::Duration;

use events::{Begin, Bus};
use harness::{databases, reason, until};
use proto::payment::v1::{IntentDeclined, PaymentState, cancel_intent_response::Outcome};

use crate::setting::{Setting, card, order, organisation, payment_id, wallet};

#[tokio::test(flavor = "multi_thread")]
async fn a_declined_card_leaves_the_payment_open() {
    for database in databases().await {
        let setting = Setting::on(database).await;
        let (buyer, payment) = (organisation(1), payment_id());
        setting.open(payment, buyer, &[(organisation(2), 1_000)]).await.unwrap();
        let declined = setting
            .confirm(buyer, payment, "one", card("tok_declined_insufficient_funds"))
            .await
            .unwrap();
        assert_eq!(
            (declined.state(), declined.decline_reason.as_str()),
            (PaymentState::RequiresPaymentMethod, "insufficient_funds")
        );
        let told = first_decline(&setting).await;
        assert_eq!(
            (told.payment_id, told.payer_id, told.reason.as_str()),
            (payment.to_string(), buyer.to_string(), "insufficient_funds")
        );
        let paid = setting.confirm(buyer, payment, "two", card("tok_visa")).await.unwrap();
        assert_eq!(paid.state(), PaymentState::Succeeded);
        assert_eq!(setting.escrow(buyer, order(payment, 0)).await.unwrap(), (1_000, 0, 0));
        setting.books_are_right().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decline_counts_whatever_its_words_and_tells_no_more_of_them_than_can_be_read() {
    for database in databases().await {
        let setting = Setting::on(database).await;
        let (buyer, payment) = (organisation(1), payment_id());
        setting.open(payment, buyer, &[(organisation(2), 1_000)]).await.unwrap();
        setting.confirm(buyer, payment, "one", card("tok_late")).await.unwrap();
        let words = format!(r"\u0000do not\nhonour{}", "!".repeat(1_000_000));
        let decline = format!(r#"{{"payment_id": "{payment}", "attempt": 1, "outcome": "declined", "reason": "{words}"}}"#);
        setting.call_back(decline).await.unwrap();
        let declined = setting.payment(buyer, payment).await;
        assert_eq!(declined.state(), PaymentState::RequiresPaymentMethod);
        assert!(declined.decline_reason.starts_with("do not honour!!!") && declined.decline_reason.ends_with("!…"));
        assert!(declined.decline_reason.chars().count() <= 500);
        assert_eq!(first_decline(&setting).await.reason, declined.decline_reason);
    }
}

/// The first decline that payment tells the other services.
async fn first_decline(setting: &Setting) -> IntentDeclined {
    let bus = Bus::connect(&setting.nats.url()).await.unwrap();
    let mut events = bus.follow("payment", Begin::Sequence(1)).await.unwrap();
    let declined = tokio::time::timeout(Duration::from_secs(30), async {
        loop {
            let batch = events.next().await.unwrap();
            let mut declines = batch.iter().filter(|(_, event)| event.subject == "payment.v1.intent_declined");
            if let Some((_, decline)) = declines.next() {
                return decline.decode().unwrap();
            }
        }
    });
    declined.await.expect("payment tells of the decline")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_top_up_is_taken_once_however_often_it_is_asked_for() {
    for database in databases().await {
        let setting = Setting::on(database).await;
        let owner = organisation(1);
        for _ in 0..3 {
            setting.top_up(owner, "same", 700, "tok_visa").await.unwrap();
        }
        setting.top_up(owner, "other", 300, "tok_visa").await.unwrap();
        assert_eq!(setting.wallet(owner).await, (1_000, 1_000));
        let other = setting.top_up(owner, "same", 701, "tok_visa").await.unwrap_err();
        assert_eq!(reason(&other), "IDEMPOTENCY_KEY_REUSED");
        let negative = setting.top_up(owner, "", -5, "tok_visa").await.unwrap_err();
        assert_eq!(reason(&negative), "INVALID_FIELDS");
        setting.books_are_right().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_stays_silent_is_asked_again_after_a_restart() {
    for database in databases().await {
        let mut setting = Setting::on(database).await;
        let (buyer, payment) = (organisation(1), payment_id());
        setting.open(payment, buyer, &[(organisation(2), 1_000)]).await.unwrap();
        let silent = setting.confirm(buyer, payment, "one", card("tok_timeout")).await.unwrap();
        assert_eq!(silent.state(), PaymentState::Unknown);
        setting.restart().await;
        until("the provider has told that it took the money", || async {
            setting.payment(buyer, payment).await.state() == PaymentState::Succeeded
        })
        .await;
        assert_eq!(setting.escrow(buyer, order(payment, 0)).await.unwrap(), (1_000, 0, 0));
        setting.books_are_right().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_top_up_that_no_provider_heard_of_goes_on_when_it_is_asked_for_again() {
    for database in databases().await {
        let setting = Setting::on(database).await;
        let owner = organisation(1);
        let silent = setting.top_up(owner, "same", 700, "tok_timeout").await.unwrap();
        // As if we had died before the provider was asked, minutes ago.
        setting.database.execute("DELETE FROM sandbox_charges").await;
        let ago = r#"[{"number": 1, "begun": 0, "fate": "open"}]"#;
        setting
            .database
            .execute(&format!("UPDATE intents SET charges = '{ago}', version = version + 1"))
            .await;
        let id = silent.id.parse().unwrap();
        until("the provider says that it never heard of it", || async {
            setting.payment(owner, id).await.decline_reason == "not_attempted"
        })
        .await;
        setting.top_up(owner, "same", 700, "tok_timeout").await.unwrap();
        until("it has been taken", || async {
            setting.payment(owner, id).await.state() == PaymentState::Succeeded
        })
        .await;
        setting.top_up(owner, "same", 700, "tok_timeout").await.unwrap();
        assert_eq!(setting.wallet(owner).await, (700, 700));
        setting.books_are_right().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_amount_than_ours_is_the_payers_and_the_payment_can_still_be_paid_or_cancelled() {
    for database in databases().await {
        let setting = Setting::on(database).await;
        let (buyer, payment, other) = (organisation(1), payment_id(), payment_id());
        for (id, key) in [(payment, "one"), (other, "other")] {
            setting.open(id, buyer, &[(organisation(2), 1_000)]).await.unwrap();
            let conflicted = setting.confirm(buyer, id, key, card("tok_wrong_amount")).await.unwrap();
            assert_eq!(conflicted.state(), PaymentState::Conflicted);
            assert_eq!(reason(&setting.escrow(buyer, order(id, 0)).await.unwrap_err()), "NOT_FOUND");
        }
        assert_eq!(setting.wallet(buyer).await, (2 * 999, 2 * 999));
        let paid = setting.confirm(buyer, payment, "two", wallet()).await.unwrap();
        assert_eq!(paid.state(), PaymentState::Succeeded);
        assert_eq!(setting.cancel(other).await, Outcome::Cancelled);
        assert_eq!(setting.wallet(buyer).await, (998, 998));
        setting.books_are_right().await;
    }
}
