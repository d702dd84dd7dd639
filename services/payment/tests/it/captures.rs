//! Money that a provider has taken is found and taken in, once, however late or often the provider tells.

use harness::{databases, reason, until};
use kernel::Money;
use proto::payment::v1::{PaymentState, cancel_intent_response::Outcome};

use crate::setting::{Setting, card, order, organisation, payment_id};

/// The payer has acted, or the provider has taken its time: the sandbox provider now has the money, and calls nobody back.
const CAPTURE: &str = "UPDATE sandbox_charges SET outcome = 'captured', version = version + 1";

#[tokio::test(flavor = "multi_thread")]
async fn a_capture_that_is_told_again_when_its_cause_is_forgotten_moves_nothing() {
    for database in databases().await {
        let setting = Setting::on(database).await;
        let (buyer, payment) = (organisation(1), payment_id());
        setting.open(payment, buyer, &[(organisation(2), 1_000)]).await.unwrap();
        setting.confirm(buyer, payment, "one", card("tok_late")).await.unwrap();
        setting.captured(payment, 1, 1_000).await.unwrap();
        let top_up = setting.top_up(buyer, "t", 700, "tok_visa").await.unwrap().id.parse().unwrap();
        // As the sweep does when a month is over.
        setting.database.execute("DELETE FROM causes").await;
        setting.captured(payment, 1, 1_000).await.unwrap();
        setting.captured(payment, 1, 999).await.unwrap();
        setting.captured(top_up, 1, 700).await.unwrap();
        assert_eq!(setting.payment(buyer, payment).await.state(), PaymentState::Succeeded);
        assert_eq!(setting.escrow(buyer, order(payment, 0)).await.unwrap(), (1_000, 0, 0));
        assert_eq!(setting.wallet(buyer).await, (700, 700));
        setting.books_are_right().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_capture_of_nothing_of_more_than_can_be_paid_or_of_an_attempt_that_was_never_made_is_refused() {
    for database in databases().await {
        let setting = Setting::on(database).await;
        let (buyer, payment) = (organisation(1), payment_id());
        setting.open(payment, buyer, &[(organisation(2), 1_000)]).await.unwrap();
        setting.confirm(buyer, payment, "one", card("tok_late")).await.unwrap();
        for (attempt, amount, field) in [
            (0, 1_000, "attempt"),
            (2, 1_000, "attempt"),
            (-1, 1_000, "attempt"),
            (i64::MAX, 1_000, "attempt"),
            (1, 0, "minor_units"),
            (1, -1, "minor_units"),
            (1, Money::MOST_PAYABLE + 1, "minor_units"),
            (1, i64::MAX, "minor_units"),
        ] {
            let refused = setting.captured(payment, attempt, amount).await.unwrap_err();
            assert_eq!(reason(&refused), "INVALID_FIELDS");
            assert!(refused.message().starts_with(&format!("{field}: ")), "{}", refused.message());
        }
        assert_eq!(setting.payment(buyer, payment).await.state(), PaymentState::Processing);
        assert_eq!(setting.wallet(buyer).await, (0, 0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_payer_did_is_found_out_though_nobody_tells() {
    for database in databases().await {
        let setting = Setting::on(database).await;
        let (buyer, payment) = (organisation(1), payment_id());
        setting.open(payment, buyer, &[(organisation(2), 1_000)]).await.unwrap();
        let waiting = setting.confirm(buyer, payment, "one", card("tok_action")).await.unwrap();
        assert_eq!(waiting.state(), PaymentState::RequiresAction);
        setting.database.execute(CAPTURE).await;
        until("the provider was asked", || async {
            setting.payment(buyer, payment).await.state() == PaymentState::Succeeded
        })
        .await;
        assert_eq!(setting.escrow(buyer, order(payment, 0)).await.unwrap(), (1_000, 0, 0));
        setting.books_are_right().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_provider_took_is_asked_about_before_a_payment_is_cancelled_or_paid_otherwise() {
    for database in databases().await {
        let setting = Setting::on(database).await;
        let (buyer, cancelled, paid) = (organisation(1), payment_id(), payment_id());
        setting.top_up(buyer, "t", 1_000, "tok_visa").await.unwrap();
        for payment in [cancelled, paid] {
            setting.open(payment, buyer, &[(organisation(2), 1_000)]).await.unwrap();
            setting.confirm(buyer, payment, "", card("tok_action")).await.unwrap();
        }
        setting.database.execute(CAPTURE).await;
        assert_eq!(setting.cancel(cancelled).await, Outcome::Succeeded);
        let twice = setting.confirm(buyer, paid, "", crate::setting::wallet()).await.unwrap_err();
        assert_eq!(reason(&twice), "ILLEGAL_STATE");
        for payment in [cancelled, paid] {
            assert_eq!(setting.escrow(buyer, order(payment, 0)).await.unwrap(), (1_000, 0, 0));
        }
        assert_eq!(setting.wallet(buyer).await, (1_000, 1_000));
        setting.books_are_right().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_payer_did_after_the_cancellation_comes_back_though_nobody_tells() {
    for database in databases().await {
        let setting = Setting::on(database).await;
        let (buyer, payment) = (organisation(1), payment_id());
        setting.open(payment, buyer, &[(organisation(2), 1_000)]).await.unwrap();
        setting.confirm(buyer, payment, "one", card("tok_action")).await.unwrap();
        assert_eq!(setting.cancel(payment).await, Outcome::Cancelled);
        setting.database.execute(CAPTURE).await;
        setting.has(buyer, 1_000).await;
        assert_eq!(setting.payment(buyer, payment).await.state(), PaymentState::Cancelled);
        setting.books_are_right().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_hears_of_a_charge_late_is_asked_again() {
    for database in databases().await {
        let setting = Setting::on(database).await;
        let (buyer, payment) = (organisation(1), payment_id());
        setting.open(payment, buyer, &[(organisation(2), 1_000)]).await.unwrap();
        setting.confirm(buyer, payment, "one", card("tok_timeout")).await.unwrap();
        setting.database.execute("CREATE TABLE late AS SELECT * FROM sandbox_charges").await;
        setting.database.execute("DELETE FROM sandbox_charges").await;
        // Whoever wants to cancel asks the provider first, which has not heard of it yet.
        assert_eq!(setting.cancel(payment).await, Outcome::Processing);
        assert_eq!(setting.payment(buyer, payment).await.decline_reason, "");
        setting.database.execute("INSERT INTO sandbox_charges SELECT * FROM late").await;
        until("the provider was asked again", || async {
            setting.payment(buyer, payment).await.state() == PaymentState::Succeeded
        })
        .await;
        setting.books_are_right().await;
    }
}
