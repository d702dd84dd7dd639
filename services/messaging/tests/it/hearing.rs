//! What other services tell, and who is notified of it: once, however often it comes.

use events::Bus;
use harness::{Database, Outbox, databases, until, usd};
use kernel::{CheckoutId, OrganisationId, PaymentId, PayoutId, QuotationId, ReviewId, TypeId, uuid::Uuid};
use proto::{
    catalog::v1::{BuyerReview, Review, ReviewChanged},
    logistics::v1::CancellationAnswered,
    order::v1::{CheckoutFailed, OrderChanged, QuotationChanged},
    payment::v1::{EscrowChanged, IntentDeclined, PayoutChanged, WalletToppedUp},
};

use crate::{
    orders::{order, order_id},
    setting::{Caller, Replica, Setting, organisation},
};

/// Waits until somebody has notifications of these kinds, newest first, and nothing else.
async fn has(caller: &Caller<'_>, expected: &[&str]) {
    let what = format!("{} has {expected:?}", caller.organisation);
    until(&what, || async {
        let notifications = caller.notifications(false).await.unwrap();
        notifications
            .iter()
            .map(|notification| notification.kind.as_str())
            .eq(expected.iter().copied())
    })
    .await;
}

fn id<I: TypeId>(number: u128) -> String {
    I::from_uuid(Uuid::from_u128(number)).to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_s_parties_are_told_how_it_goes_once_for_each_fact() {
    for database in databases().await {
        let mut setting = Setting::on(database).await;
        let replicas = [setting.replica().await, setting.replica().await];
        let orders = Outbox::of("order", &setting.nats).await;
        let (buyer, seller) = (organisation(), organisation());
        let (order_id, elsewhere) = (order_id(), organisation());
        let body = order(order_id, buyer, seller);
        for subject in [
            "order.v1.placed",
            "order.v1.paid",
            "order.v1.shipped",
            "order.v1.refund_requested",
            "order.v1.delivered",
            "order.v1.accepted",
        ] {
            orders.tell(subject, order_id, &body).await;
        }
        let of_seller = ["order_accepted", "order_delivered", "order_paid", "order_placed"];
        let of_buyer = ["order_delivered", "order_shipped", "order_paid"];
        has(&setting.caller(&replicas[0], seller), &of_seller).await;
        has(&setting.caller(&replicas[1], buyer), &of_buyer).await;
        let told = setting.caller(&replicas[0], seller).notifications(false).await.unwrap();
        assert_eq!(
            (told[0].reference.clone(), told[0].organisation_id.clone()),
            (order_id.to_string(), seller.to_string())
        );
        assert!(told[0].text.contains("USD 12.50"), "{}", told[0].text);
        assert!(
            setting
                .caller(&replicas[0], elsewhere)
                .notifications(false)
                .await
                .unwrap()
                .is_empty()
        );

        // The broker loses everything, and every event comes again.
        setting.nats.lose();
        setting.nats.resume().await;
        let bus = Bus::connect(&setting.nats.url()).await.unwrap();
        until("all six are in the stream again", || async {
            bus.history("order").await.is_ok_and(|history| history.last >= 6)
        })
        .await;
        orders.tell("order.v1.completed", order_id, &body).await;
        has(
            &setting.caller(&replicas[0], seller),
            &[&["order_completed"][..], &of_seller].concat(),
        )
        .await;
        has(
            &setting.caller(&replicas[1], buyer),
            &[&["order_completed"][..], &of_buyer].concat(),
        )
        .await;
        assert_eq!((setting.count("trades").await, setting.count("dead_letters").await), (1, 0));
    }
}

/// Messaging, and another service that it hears of.
struct Hearing {
    setting: Setting,
    replica: Replica,
    other: Outbox,
}

impl Hearing {
    async fn of(domain: &'static str) -> Self {
        let setting = Setting::on(Database::sqlite()).await;
        let (replica, other) = (setting.replica().await, Outbox::of(domain, &setting.nats).await);
        Self { setting, replica, other }
    }

    /// Waits until these have notifications of these kinds, newest first, and nothing else.
    async fn have<const N: usize>(&self, expected: &[(OrganisationId, [&str; N])]) {
        for (organisation, kinds) in expected {
            has(&self.setting.caller(&self.replica, *organisation), kinds).await;
        }
        assert_eq!(self.setting.count("dead_letters").await, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_side_of_a_quotation_is_told_what_the_other_did_or_the_clock() {
    let hearing = Hearing::of("order").await;
    let (buyer, seller) = (organisation(), organisation());
    let quotation = QuotationChanged {
        quotation_id: id::<QuotationId>(1),
        seller_id: seller.to_string(),
        buyer_id: buyer.to_string(),
        total: usd(900),
    };
    for subject in [
        "order.v1.quotation_created",
        "order.v1.quotation_withdrawn",
        "order.v1.quotation_used",
        "order.v1.quotation_declined",
        "order.v1.quotation_expired",
    ] {
        hearing.other.tell(subject, Uuid::from_u128(1), &quotation).await;
    }
    hearing
        .have(&[(seller, ["quotation_expired", "quotation_declined", "quotation_used"])])
        .await;
    hearing.have(&[(buyer, ["quotation_withdrawn", "quotation_received"])]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_buyer_is_told_why_a_checkout_failed() {
    let hearing = Hearing::of("order").await;
    let buyer = organisation();
    let failed = CheckoutFailed {
        checkout_id: id::<CheckoutId>(2),
        buyer_id: buyer.to_string(),
        reason: "OUT_OF_STOCK".to_owned(),
    };
    hearing.other.tell("order.v1.checkout_failed", Uuid::from_u128(2), &failed).await;
    hearing.have(&[(buyer, ["checkout_failed"])]).await;
    let told = hearing.setting.caller(&hearing.replica, buyer).notifications(false).await.unwrap();
    assert!(
        told[0].text.contains("(out of stock)") && told[0].reference == failed.checkout_id,
        "{told:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_buyer_is_told_that_an_order_was_cancelled() {
    let hearing = Hearing::of("order").await;
    let (order_id, buyer) = (order_id(), organisation());
    hearing
        .other
        .tell("order.v1.cancelled", order_id, &order(order_id, buyer, organisation()))
        .await;
    hearing.have(&[(buyer, ["order_cancelled"])]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_what_logistics_answers_to_a_cancellation_the_buyer_is_told_the_refusal() {
    let hearing = Hearing::of("logistics").await;
    let (order_id, accepted, refused) = (order_id(), organisation(), organisation());
    // One after the other, because they are about one order.
    for (subject, buyer) in [
        ("logistics.v1.cancellation_accepted", accepted),
        ("logistics.v1.cancellation_refused", refused),
    ] {
        let answered = CancellationAnswered {
            order_id: order_id.to_string(),
            seller_id: organisation().to_string(),
            buyer_id: buyer.to_string(),
        };
        hearing.other.tell(subject, order_id, &answered).await;
    }
    hearing.have(&[(refused, ["cancellation_refused"])]).await;
    hearing.have(&[(accepted, [])]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_gets_escrowed_money_is_told() {
    let hearing = Hearing::of("payment").await;
    let [order_buyer, order_seller, released, refunded] = std::array::from_fn(|_| organisation());
    let escrow = |buyer: OrganisationId, seller: OrganisationId| EscrowChanged {
        order_id: order_id().to_string(),
        buyer_id: buyer.to_string(),
        seller_id: seller.to_string(),
        amount: usd(1_250),
        fee: None,
    };
    hearing
        .other
        .tell("payment.v1.escrow_released", Uuid::from_u128(1), &escrow(order_buyer, released))
        .await;
    hearing
        .other
        .tell("payment.v1.escrow_refunded", Uuid::from_u128(2), &escrow(refunded, order_seller))
        .await;
    hearing
        .have(&[(released, ["escrow_released"]), (refunded, ["refund_received"])])
        .await;
    hearing.have(&[(order_buyer, []), (order_seller, [])]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payer_is_told_of_a_declined_payment_and_of_money_that_came_into_the_wallet() {
    let hearing = Hearing::of("payment").await;
    let (declined, topped_up) = (organisation(), organisation());
    let intent = IntentDeclined {
        payment_id: id::<PaymentId>(3),
        payer_id: declined.to_string(),
        reason: "insufficient_funds".to_owned(),
        ..IntentDeclined::default()
    };
    hearing.other.tell("payment.v1.intent_declined", Uuid::from_u128(3), &intent).await;
    let top_up = WalletToppedUp {
        payment_id: id::<PaymentId>(4),
        owner_id: topped_up.to_string(),
        amount: usd(100),
    };
    hearing.other.tell("payment.v1.wallet_topped_up", Uuid::from_u128(4), &top_up).await;
    hearing
        .have(&[(declined, ["payment_declined"]), (topped_up, ["wallet_topped_up"])])
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_is_told_what_the_bank_did_with_a_payout() {
    let hearing = Hearing::of("payment").await;
    let [paid, failed, returned] = std::array::from_fn(|_| organisation());
    for (number, subject, owner) in [
        (5, "payment.v1.payout_paid", paid),
        (6, "payment.v1.payout_failed", failed),
        (7, "payment.v1.payout_returned", returned),
    ] {
        let payout = PayoutChanged {
            payout_id: id::<PayoutId>(number),
            owner_id: owner.to_string(),
            amount: usd(100),
            failure_reason: "account_closed".to_owned(),
        };
        hearing.other.tell(subject, Uuid::from_u128(number), &payout).await;
    }
    hearing
        .have(&[
            (paid, ["payout_paid"]),
            (failed, ["payout_failed"]),
            (returned, ["payout_returned"]),
        ])
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whomever_a_review_is_about_is_told() {
    let hearing = Hearing::of("catalog").await;
    let (seller, buyer) = (organisation(), organisation());
    let of_seller = ReviewChanged {
        review: Some(Review {
            id: id::<ReviewId>(7),
            seller_id: seller.to_string(),
            ..Review::default()
        }),
        ..ReviewChanged::default()
    };
    hearing
        .other
        .tell("catalog.v1.review_written", Uuid::from_u128(7), &of_seller)
        .await;
    let of_buyer = ReviewChanged {
        buyer_review: Some(BuyerReview {
            id: id::<ReviewId>(8),
            buyer_id: buyer.to_string(),
            ..BuyerReview::default()
        }),
        ..ReviewChanged::default()
    };
    hearing.other.tell("catalog.v1.review_written", Uuid::from_u128(8), &of_buyer).await;
    hearing.have(&[(seller, ["review_received"]), (buyer, ["review_received"])]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fact_that_makes_no_sense_is_put_away_and_holds_up_its_own_order_only() {
    let Hearing { setting, replica, other } = Hearing::of("order").await;
    let (buyer, seller) = (organisation(), organisation());
    let (bad, good) = (order_id(), order_id());
    let nonsense = OrderChanged {
        buyer_id: "somebody".to_owned(),
        ..order(bad, buyer, seller)
    };
    other.tell("order.v1.placed", bad, &nonsense).await;
    other.tell("order.v1.paid", bad, &order(bad, buyer, seller)).await;
    other.tell("order.v1.placed", good, &order(good, buyer, seller)).await;
    until("both letters are put away", || async { setting.count("dead_letters").await == 2 }).await;
    has(&setting.caller(&replica, seller), &["order_placed"]).await;
    let told = setting.caller(&replica, seller).notifications(false).await.unwrap();
    let told: Vec<_> = told.iter().map(|told| (told.kind.as_str(), told.reference.clone())).collect();
    assert_eq!(told, [("order_placed", good.to_string())]);
}
