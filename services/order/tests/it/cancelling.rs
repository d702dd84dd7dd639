//! Cancelling: who may, until when, and what becomes of money and goods.

use harness::{reason, until};
use order::Config;
use proto::order::v1::{CheckoutState, OrderState};
use tonic::Code;

use crate::{
    peers::{
        Fault,
        payment::{Escrow, Intent},
    },
    recoveries::EVERY_TRY,
    sale::{Sale, accept, cancel, cancel_seen},
    world::{organisation, quick, request, worlds},
};

/// Payment may take its time.
fn patient() -> Config {
    Config {
        step_timeout_ms: 60_000,
        ..quick()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seller_who_is_paid_cancels_its_own_order_alone() {
    for world in worlds().await {
        let sale = Sale::paid(world).await;
        cancel(&sale.seller(), sale.order(), "c").await.unwrap();
        sale.becomes(OrderState::Cancelled).await;
        assert_eq!(sale.world.payment.escrow(sale.order()), Some(Escrow::Refunded));
        sale.world.rests().await;
        let other = &sale.checkout.orders[1].id;
        assert_eq!(sale.buyer().order(other).await.state(), OrderState::Paid);
        assert_eq!(sale.world.payment.escrow(other), Some(Escrow::Held));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelling_before_payment_closes_the_whole_checkout() {
    for world in worlds().await {
        let sale = Sale::placed(world).await;
        cancel(&sale.buyer(), sale.order(), "c").await.unwrap();
        for order in &sale.checkout.orders {
            sale.buyer().until(&order.id, OrderState::Cancelled).await;
        }
        sale.world.rests().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seller_gets_its_stock_back_from_an_unpaid_checkout_whoever_else_sells_in_it() {
    for world in worlds().await {
        let sale = Sale::placed(world).await;
        let cancelled = cancel(&sale.seller(), sale.order(), "c").await.unwrap();
        assert_eq!(cancelled.state(), OrderState::Cancelled);
        assert_eq!(cancelled.cancel_reason, "CANCELLED_BY_SELLER: changed my mind");
        assert_eq!(cancel(&sale.seller(), sale.order(), "c").await.unwrap(), cancelled);
        let checkout = sale.buyer().checkout(&sale.checkout.id).await.unwrap();
        assert_eq!(checkout.state(), CheckoutState::Closed);
        assert_eq!(checkout.orders[0], cancelled);
        // The words are for its own two parties.
        assert_eq!(checkout.orders[1].cancel_reason, "PAYMENT_CANCELLED");
        let intent = sale.world.payment.intent(&checkout.payment_id);
        assert!(matches!(intent, Some(Intent::Cancelled(_))), "{intent:?}");
        until("the stock is back", || async { sale.world.logistics.available(sale.variant) == 10 }).await;
        sale.world.rests().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_sells_for_an_organisation_cancels_no_purchase_and_who_buys_no_sale() {
    const BUYS: &str = "orders.read orders.write purchases.write";
    const SELLS: &str = "orders.read orders.write quotations.write";
    for world in worlds().await {
        let mut sale = Sale::placed_alone(world).await;
        for unpaid in [true, false] {
            if !unpaid {
                sale.pays().await;
            }
            let before = sale.buyer().order(sale.order()).await;
            for (organisation, others, needed) in [(sale.buyer, SELLS, "purchases.write"), (sale.seller, BUYS, "quotations.write")] {
                let refused = sale.cancel_with(organisation, others).await.unwrap_err();
                assert_eq!(refused.code(), Code::PermissionDenied);
                assert!(refused.message().contains(needed), "{refused}");
            }
            // To whom the order is unknown it stays so.
            assert_eq!(sale.cancel_with(organisation(), SELLS).await.unwrap_err().code(), Code::NotFound);
            assert_eq!(sale.buyer().order(sale.order()).await, before);
            for (organisation, own) in [(sale.buyer, BUYS), (sale.seller, SELLS)] {
                sale.cancel_with(organisation, own).await.unwrap();
                sale.becomes(OrderState::Cancelled).await;
                sale.checkout = sale.buyer().check_out(request("", &[(sale.variant, 1)])).await.unwrap();
                if !unpaid {
                    sale.pays().await;
                }
            }
        }
        sale.world.rests().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_buyers_words_stand_on_the_order_that_they_are_about() {
    for world in worlds().await {
        let sale = Sale::placed(world).await;
        let cancelled = cancel(&sale.buyer(), sale.order(), "").await.unwrap();
        let other = sale.buyer().order(&sale.checkout.orders[1].id).await;
        assert_eq!(cancelled.cancel_reason, "CANCELLED_BY_BUYER: changed my mind");
        assert_eq!(other.cancel_reason, "CANCELLED_BY_BUYER");
        sale.world.rests().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancellation_whose_answer_was_lost_is_answered_when_it_is_asked_for_again() {
    for world in worlds().await {
        let mut sale = Sale::placed(world).await;
        for (canceller, other) in [(sale.buyer, sale.seller), (sale.seller, sale.buyer)] {
            sale.world.payment.faults.plan("CancelIntent", vec![Fault::DoAndLose; EVERY_TRY]);
            let (canceller, other) = (sale.instance.client(canceller), sale.instance.client(other));
            let lost = cancel(&canceller, sale.order(), "c").await.unwrap_err();
            assert_eq!(lost.code(), Code::Unavailable);
            let closed = sale.becomes(OrderState::Cancelled).await;
            for _ in 0..2 {
                assert_eq!(cancel(&canceller, sale.order(), "c").await.unwrap(), closed);
            }
            assert_eq!(reason(&cancel(&other, sale.order(), "d").await.unwrap_err()), "ILLEGAL_STATE");
            let variant = sale.variant;
            sale.checkout = sale.buyer().check_out(request("", &[(variant, 1)])).await.unwrap();
        }
        sale.world.rests().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_another_cancellation_came_under_cancels_nothing() {
    for world in worlds().await {
        let sale = Sale::placed_alone(world).await;
        let other = sale.buyer().check_out(request("", &[(sale.variant, 1)])).await.unwrap();
        sale.pays().await;
        let cancelled = cancel(&sale.buyer(), sale.order(), "k").await.unwrap();
        let refused = cancel(&sale.buyer(), &other.orders[0].id, "k").await.unwrap_err();
        assert_eq!(reason(&refused), "IDEMPOTENCY_KEY_REUSED");
        let intent = sale.world.payment.intent(&other.payment_id);
        assert!(matches!(intent, Some(Intent::Open(_))), "{intent:?}");
        sale.world.rests().await;
        assert_eq!(sale.buyer().order(&other.orders[0].id).await.state(), OrderState::Placed);
        assert_eq!(cancel(&sale.buyer(), sale.order(), "k").await.unwrap(), cancelled);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_under_which_payment_is_being_asked_means_no_other_cancellation() {
    for world in worlds().await {
        let sale = Sale::placed_under(patient(), world).await;
        let other = sale.buyer().check_out(request("", &[(sale.variant, 1)])).await.unwrap();
        sale.world.payment.faults.plan("CancelIntent", [Fault::Wait]);
        let (client, order) = (sale.buyer(), sale.order().to_owned());
        let asked = tokio::spawn(async move { cancel(&client, &order, "k").await });
        sale.world.payment.faults.hangs().await;
        let refused = cancel(&sale.buyer(), &other.orders[0].id, "k").await.unwrap_err();
        assert_eq!(reason(&refused), "IDEMPOTENCY_KEY_REUSED");
        sale.world.payment.faults.go_on();
        assert_eq!(asked.await.unwrap().unwrap().state(), OrderState::Cancelled);
        let intent = sale.world.payment.intent(&other.payment_id);
        assert!(matches!(intent, Some(Intent::Open(_))), "{intent:?}");
        sale.world.rests().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelling_while_the_money_is_on_its_way_is_refused_and_afterwards_refunds() {
    for world in worlds().await {
        let sale = Sale::placed(world).await;
        sale.world.payment.process(&sale.checkout.payment_id);
        let refused = cancel(&sale.buyer(), sale.order(), "c").await.unwrap_err();
        assert_eq!(reason(&refused), "PAYMENT_PROCESSING");
        // Captured, but order has not heard of it.
        let funded = sale.world.payment.capture(&sale.checkout.payment_id);
        let cancelling = cancel_seen(&sale.buyer(), &sale.checkout.orders[0]).await.unwrap();
        assert_eq!(cancelling.state(), OrderState::Cancelling);
        sale.world.payment.tell_funded(&funded).await;
        sale.becomes(OrderState::Cancelled).await;
        assert_eq!(sale.world.payment.escrow(sale.order()), Some(Escrow::Refunded));
        // The other seller's order goes on.
        sale.buyer().until(&sale.checkout.orders[1].id, OrderState::Paid).await;
        sale.world.rests().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancellation_of_what_was_seen_unpaid_is_stale_once_the_order_has_heard_of_its_payment() {
    for world in worlds().await {
        let sale = Sale::placed_under(patient(), world).await;
        sale.world.payment.faults.plan("CancelIntent", [Fault::Wait]);
        let (client, seen) = (sale.buyer(), sale.checkout.orders[0].clone());
        let asked = tokio::spawn(async move { cancel_seen(&client, &seen).await });
        sale.world.payment.faults.hangs().await;
        sale.pays().await;
        sale.world.payment.faults.go_on();
        assert_eq!(reason(&asked.await.unwrap().unwrap_err()), "STALE_VERSION");
        let paid = sale.buyer().order(sale.order()).await;
        assert_eq!(paid.state(), OrderState::Paid);
        cancel_seen(&sale.buyer(), &paid).await.unwrap();
        sale.becomes(OrderState::Cancelled).await;
        sale.world.rests().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelling_after_payment_refunds_what_has_not_left() {
    for world in worlds().await {
        let sale = Sale::paid(world).await;
        assert_eq!(
            cancel(&sale.buyer(), sale.order(), "").await.unwrap().state(),
            OrderState::Cancelling
        );
        let cancelled = sale.becomes(OrderState::Cancelled).await;
        assert_eq!(cancelled.cancel_reason, "CANCELLED_BY_BUYER: changed my mind");
        assert_eq!(sale.world.payment.escrow(sale.order()), Some(Escrow::Refunded));
        assert_eq!(sale.world.logistics.available(sale.variant), 10);
        assert_eq!(sale.buyer().checkout(&sale.checkout.id).await.unwrap().state(), CheckoutState::Paid);
        sale.world.rests().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_left_cannot_be_cancelled() {
    for world in worlds().await {
        let sale = Sale::paid(world).await;
        sale.world.logistics.hand_over(sale.order());
        for _ in 0..2 {
            cancel(&sale.buyer(), sale.order(), "").await.unwrap();
            let paid = sale.becomes(OrderState::Paid).await;
            assert_eq!(paid.cancel_reason, "");
        }
        sale.world.logistics.tell_shipped(sale.order()).await;
        sale.becomes(OrderState::Shipped).await;
        let mut filed = sale.timeline().await;
        // The clocks of payment's and logistics' facts are not ours, so what is near may stand the other way round.
        filed.sort_unstable();
        let asked = ["cancellation_refused", "cancellation_refused", "cancelling", "cancelling"];
        assert_eq!(filed, [asked.as_slice(), &["paid", "placed", "shipped"]].concat());
        let refused = cancel(&sale.buyer(), sale.order(), "").await.unwrap_err();
        assert_eq!(reason(&refused), "ILLEGAL_STATE");
        // Alibaba's buyers may accept before a delivery is reported, and so may ours.
        accept(&sale.buyer(), sale.order(), "").await.unwrap();
        sale.becomes(OrderState::Completed).await;
        sale.world.rests().await;
    }
}
