//! From an open intent to money in escrow.

use futures::future::join_all;
use harness::{Database, databases, fields, reason, usd};
use kernel::{CheckoutId, OrderId};
use proto::payment::v1::{
    OpenIntentRequest, OrderAmount, PaymentState, cancel_intent_response::Outcome, intent_service_client::IntentServiceClient,
};
use tonic::{Code, Status};

use crate::setting::{Setting, card, order, organisation, payment_id, wallet};

#[tokio::test(flavor = "multi_thread")]
async fn a_wallet_payment_funds_one_escrow_per_order() {
    for database in databases().await {
        let setting = Setting::on(database).await;
        let (buyer, payment) = (organisation(1), payment_id());
        setting.top_up(buyer, "t", 10_000, "tok_visa").await.unwrap();
        setting
            .open(payment, buyer, &[(organisation(2), 4_000), (organisation(3), 2_500)])
            .await
            .unwrap();
        let paid = setting.confirm(buyer, payment, "c", wallet()).await.unwrap();
        assert_eq!(paid.state(), PaymentState::Succeeded);
        assert_eq!(setting.wallet(buyer).await, (3_500, 3_500));
        assert_eq!(setting.escrow(buyer, order(payment, 0)).await.unwrap(), (4_000, 0, 0));
        assert_eq!(setting.escrow(organisation(3), order(payment, 1)).await.unwrap(), (2_500, 0, 0));
        assert_eq!(
            setting.escrow(organisation(3), order(payment, 0)).await.unwrap_err().code(),
            Code::NotFound
        );
        setting.books_are_right().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_confirmations_pay_once_from_two_replicas() {
    for database in databases().await {
        let setting = Setting::on(database).await;
        let other = setting.replica().await;
        let (buyer, payment) = (organisation(1), payment_id());
        setting.top_up(buyer, "t", 10_000, "tok_visa").await.unwrap();
        setting.open(payment, buyer, &[(organisation(2), 4_000)]).await.unwrap();
        let tries = (0..64).map(|turn| {
            let address = if turn % 2 == 0 { setting.address } else { other };
            let setting = &setting;
            async move {
                let message = proto::payment::v1::ConfirmPaymentRequest {
                    request_id: format!("{}", turn % 8),
                    payment_id: payment.to_string(),
                    method: crate::setting::method(wallet()),
                };
                let mut client = proto::payment::v1::payment_service_client::PaymentServiceClient::new(harness::channel(address));
                client.confirm_payment(setting.authority.person(buyer, message)).await
            }
        });
        let refused: Vec<Status> = join_all(tries).await.into_iter().filter_map(Result::err).collect();
        // One key paid, and every try under that key has its answer.
        let failed: Vec<&Status> = refused.iter().filter(|status| reason(status) != "ILLEGAL_STATE").collect();
        assert_eq!((failed.len(), refused.len()), (0, 56), "{failed:?}");
        assert_eq!(setting.wallet(buyer).await.0, 6_000);
        setting.books_are_right().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_too_little_pays_nothing_and_may_try_again() {
    for database in databases().await {
        let setting = Setting::on(database).await;
        let (buyer, payment) = (organisation(1), payment_id());
        setting.top_up(buyer, "t", 3_999, "tok_visa").await.unwrap();
        setting
            .open(payment, buyer, &[(organisation(2), 2_000), (organisation(3), 2_000)])
            .await
            .unwrap();
        let refused = setting.confirm(buyer, payment, "c", wallet()).await.unwrap_err();
        assert_eq!(reason(&refused), "INSUFFICIENT_FUNDS");
        assert_eq!(setting.wallet(buyer).await, (3_999, 3_999));
        assert_eq!(setting.escrow(buyer, order(payment, 0)).await.unwrap_err().code(), Code::NotFound);
        setting.top_up(buyer, "t2", 1, "tok_visa").await.unwrap();
        setting.confirm(buyer, payment, "c", wallet()).await.unwrap();
        assert_eq!(setting.wallet(buyer).await, (0, 0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn opening_again_answers_the_same_and_other_amounts_are_a_conflict() {
    for database in databases().await {
        let setting = Setting::on(database).await;
        let (buyer, payment) = (organisation(1), payment_id());
        let first = setting.open(payment, buyer, &[(organisation(2), 4_000)]).await.unwrap();
        assert_eq!(setting.open(payment, buyer, &[(organisation(2), 4_000)]).await.unwrap(), first);
        let dearer = setting.open(payment, buyer, &[(organisation(2), 4_001)]).await.unwrap_err();
        assert_eq!((dearer.code(), reason(&dearer).as_str()), (Code::AlreadyExists, "OTHER_AMOUNTS"));
    }
}

#[tokio::test]
async fn an_intent_of_more_than_accounts_hold_or_of_one_order_twice_is_not_opened() {
    let setting = Setting::on(Database::sqlite()).await;
    let (buyer, payment, most) = (organisation(1), payment_id(), 1_000_000_000_000_000);
    let message = |orders: &[(OrderId, i64)]| OpenIntentRequest {
        payment_id: payment.to_string(),
        payer_id: buyer.to_string(),
        checkout_id: CheckoutId::derived(payment, "checkout").to_string(),
        currency: "USD".to_owned(),
        orders: orders.iter().map(|(order, amount)| amount_of(*order, *amount)).collect(),
    };
    let (one, other) = (order(payment, 0), order(payment, 1));
    let mut intents = IntentServiceClient::new(setting.channel());
    for (orders, field) in [
        ([(one, most), (other, 1)], "orders"),
        ([(one, i64::MAX), (other, i64::MAX)], "orders"),
        ([(one, 1), (one, 1)], "orders[1].order_id"),
    ] {
        let request = setting.authority.service("order", "payment", message(&orders));
        let refused = intents.open_intent(request).await.unwrap_err();
        assert_eq!(fields(&refused), [field]);
    }
    let request = setting
        .authority
        .service("order", "payment", message(&[(one, most - 1), (other, 1)]));
    intents.open_intent(request).await.unwrap();
}

fn amount_of(order: OrderId, amount: i64) -> OrderAmount {
    OrderAmount {
        order_id: order.to_string(),
        seller_id: organisation(2).to_string(),
        amount: usd(amount),
        fee: usd(0),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_intent_is_never_opened_or_paid() {
    for database in databases().await {
        let setting = Setting::on(database).await;
        let buyer = organisation(1);
        setting.top_up(buyer, "t", 9_000, "tok_visa").await.unwrap();
        let (never_opened, opened, paid) = (payment_id(), payment_id(), payment_id());
        assert_eq!(setting.cancel(never_opened).await, Outcome::Cancelled);
        let opened_late = setting.open(never_opened, buyer, &[(organisation(2), 1_000)]).await.unwrap_err();
        assert_eq!(reason(&opened_late), "ILLEGAL_STATE");

        setting.open(opened, buyer, &[(organisation(2), 1_000)]).await.unwrap();
        assert_eq!(setting.cancel(opened).await, Outcome::Cancelled);
        assert_eq!(setting.cancel(opened).await, Outcome::Cancelled);
        assert_eq!(
            reason(&setting.confirm(buyer, opened, "", wallet()).await.unwrap_err()),
            "ILLEGAL_STATE"
        );

        setting.open(paid, buyer, &[(organisation(2), 1_000)]).await.unwrap();
        setting.confirm(buyer, paid, "", card("tok_visa")).await.unwrap();
        let answer = setting.asked_to_cancel(paid).await;
        assert_eq!(answer.outcome(), Outcome::Succeeded);
        let amounts: Vec<_> = answer.orders.into_iter().map(|order| (order.order_id, order.amount)).collect();
        assert_eq!(amounts, [(order(paid, 0).to_string(), usd(1_000))]);
        assert_eq!(setting.wallet(buyer).await.0, 9_000);
        setting.books_are_right().await;
    }
}

#[tokio::test]
async fn nobody_pays_or_sees_what_another_owes() {
    let setting = Setting::on(Database::sqlite()).await;
    let (buyer, stranger, payment) = (organisation(1), organisation(9), payment_id());
    setting.open(payment, buyer, &[(organisation(2), 1_000)]).await.unwrap();
    assert_eq!(
        setting.confirm(stranger, payment, "", wallet()).await.unwrap_err().code(),
        Code::NotFound
    );
    let message = proto::payment::v1::GetPaymentRequest {
        payment_id: payment.to_string(),
    };
    let seen = setting.payments().get_payment(setting.authority.person(stranger, message)).await;
    assert_eq!(seen.unwrap_err().code(), Code::NotFound);
}
