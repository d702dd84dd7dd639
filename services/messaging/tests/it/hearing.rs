//! What other services tell, and who is notified of it: once, however often it comes.

use events::Bus;
use harness::{Outbox, databases, until};
use kernel::{OrganisationId, uuid::Uuid};
use proto::{
    catalog::v1::{BuyerReview, Review, ReviewChanged},
    logistics::v1::CancellationAnswered,
    order::v1::{CheckoutFailed, OrderChanged, QuotationChanged},
    payment::v1::{EscrowChanged, IntentDeclined, PayoutChanged, WalletToppedUp},
};

use crate::{
    orders::{order, order_id, usd},
    setting::{Caller, Setting, organisation},
};

/// The kinds of somebody's notifications, newest first.
async fn kinds(caller: &Caller<'_>) -> Vec<String> {
    let notifications = caller.notifications(false).await.unwrap();
    notifications.into_iter().map(|notification| notification.kind).collect()
}

async fn has(caller: &Caller<'_>, expected: &[&str]) {
    let what = format!("{} has {expected:?}", caller.organisation);
    until(&what, || async { kinds(caller).await == expected }).await;
}

fn id<I: kernel::TypeId>(number: u128) -> String {
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

#[tokio::test(flavor = "multi_thread")]
async fn every_other_fact_that_matters_is_told_to_whom_it_matters() {
    let setting = Setting::on(harness::Database::sqlite()).await;
    let replica = setting.replica().await;
    let (buyer, seller) = (organisation(), organisation());
    let caller = |organisation: OrganisationId| setting.caller(&replica, organisation);

    let orders = Outbox::of("order", &setting.nats).await;
    let order_id = order_id();
    let order_text = order_id.to_string();
    let quotation = QuotationChanged {
        quotation_id: id::<kernel::QuotationId>(1),
        seller_id: seller.to_string(),
        buyer_id: buyer.to_string(),
        total: usd(900),
    };
    let quoted = Uuid::from_u128(1);
    orders.tell("order.v1.quotation_created", quoted, &quotation).await;
    orders.tell("order.v1.quotation_withdrawn", quoted, &quotation).await;
    orders.tell("order.v1.quotation_used", quoted, &quotation).await;
    orders.tell("order.v1.quotation_declined", quoted, &quotation).await;
    orders.tell("order.v1.quotation_expired", quoted, &quotation).await;
    has(&caller(buyer), &["quotation_withdrawn", "quotation_received"]).await;
    has(&caller(seller), &["quotation_expired", "quotation_declined", "quotation_used"]).await;

    let failed = CheckoutFailed {
        checkout_id: id::<kernel::CheckoutId>(2),
        buyer_id: buyer.to_string(),
        reason: "OUT_OF_STOCK".to_owned(),
    };
    orders.tell("order.v1.checkout_failed", Uuid::from_u128(2), &failed).await;
    until("the buyer knows of the checkout", || async {
        kinds(&caller(buyer)).await[0] == "checkout_failed"
    })
    .await;
    let told = caller(buyer).notifications(false).await.unwrap().remove(0);
    assert!(
        told.text.contains("(out of stock)") && told.reference == failed.checkout_id,
        "{told:?}"
    );

    // Everybody below is told of one thing only.
    let [
        cancelled,
        refused,
        released,
        refunded,
        declined,
        topped_up,
        paid_out,
        unpaid,
        sent_back,
        reviewed,
        bought,
    ] = std::array::from_fn(|_| organisation());
    let body = order(order_id, cancelled, seller);
    orders.tell("order.v1.cancelled", order_id, &body).await;
    let logistics = Outbox::of("logistics", &setting.nats).await;
    let answered = CancellationAnswered {
        order_id: order_text.clone(),
        seller_id: seller.to_string(),
        buyer_id: refused.to_string(),
    };
    logistics.tell("logistics.v1.cancellation_accepted", order_id, &answered).await;
    logistics.tell("logistics.v1.cancellation_refused", order_id, &answered).await;
    let payments = Outbox::of("payment", &setting.nats).await;
    let escrow = |buyer: OrganisationId, seller: OrganisationId| EscrowChanged {
        order_id: order_text.clone(),
        buyer_id: buyer.to_string(),
        seller_id: seller.to_string(),
        amount: usd(1_250),
        fee: None,
    };
    payments
        .tell("payment.v1.escrow_released", order_id, &escrow(buyer, released))
        .await;
    payments
        .tell("payment.v1.escrow_refunded", order_id, &escrow(refunded, seller))
        .await;
    let intent = IntentDeclined {
        payment_id: id::<kernel::PaymentId>(3),
        payer_id: declined.to_string(),
        reason: "insufficient_funds".to_owned(),
        ..IntentDeclined::default()
    };
    payments.tell("payment.v1.intent_declined", Uuid::from_u128(3), &intent).await;
    let top_up = WalletToppedUp {
        payment_id: id::<kernel::PaymentId>(4),
        owner_id: topped_up.to_string(),
        amount: usd(100),
    };
    payments.tell("payment.v1.wallet_topped_up", Uuid::from_u128(4), &top_up).await;
    let payout = |owner: OrganisationId| PayoutChanged {
        payout_id: id::<kernel::PayoutId>(5),
        owner_id: owner.to_string(),
        amount: usd(100),
        failure_reason: "account_closed".to_owned(),
    };
    payments.tell("payment.v1.payout_paid", Uuid::from_u128(5), &payout(paid_out)).await;
    payments.tell("payment.v1.payout_failed", Uuid::from_u128(6), &payout(unpaid)).await;
    payments
        .tell("payment.v1.payout_returned", Uuid::from_u128(9), &payout(sent_back))
        .await;
    let catalog = Outbox::of("catalog", &setting.nats).await;
    let review = ReviewChanged {
        review: Some(Review {
            id: id::<kernel::ReviewId>(7),
            seller_id: reviewed.to_string(),
            ..Review::default()
        }),
        ..ReviewChanged::default()
    };
    catalog.tell("catalog.v1.review_written", Uuid::from_u128(7), &review).await;
    let review = ReviewChanged {
        buyer_review: Some(BuyerReview {
            id: id::<kernel::ReviewId>(8),
            buyer_id: bought.to_string(),
            ..BuyerReview::default()
        }),
        ..ReviewChanged::default()
    };
    catalog.tell("catalog.v1.review_written", Uuid::from_u128(8), &review).await;
    for (who, what) in [
        (cancelled, "order_cancelled"),
        (refused, "cancellation_refused"),
        (released, "escrow_released"),
        (refunded, "refund_received"),
        (declined, "payment_declined"),
        (topped_up, "wallet_topped_up"),
        (paid_out, "payout_paid"),
        (unpaid, "payout_failed"),
        (sent_back, "payout_returned"),
        (reviewed, "review_received"),
        (bought, "review_received"),
    ] {
        has(&caller(who), &[what]).await;
    }
    assert_eq!(setting.count("dead_letters").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fact_that_makes_no_sense_is_put_away_and_holds_up_its_own_order_only() {
    let setting = Setting::on(harness::Database::sqlite()).await;
    let replica = setting.replica().await;
    let orders = Outbox::of("order", &setting.nats).await;
    let (buyer, seller) = (organisation(), organisation());
    let (bad, good) = (order_id(), order_id());
    let nonsense = OrderChanged {
        buyer_id: "somebody".to_owned(),
        ..order(bad, buyer, seller)
    };
    orders.tell("order.v1.placed", bad, &nonsense).await;
    orders.tell("order.v1.paid", bad, &order(bad, buyer, seller)).await;
    orders.tell("order.v1.placed", good, &order(good, buyer, seller)).await;
    until("both letters are put away", || async { setting.count("dead_letters").await == 2 }).await;
    has(&setting.caller(&replica, seller), &["order_placed"]).await;
    let told = setting.caller(&replica, seller).notifications(false).await.unwrap();
    let told: Vec<_> = told.iter().map(|told| (told.kind.as_str(), told.reference.clone())).collect();
    assert_eq!(told, [("order_placed", good.to_string())]);
}
