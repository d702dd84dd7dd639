//! Orders after they are placed: payment, shipping, acceptance, and who may see and do what.

use std::time::Duration;

use harness::{fields, reason, until};
use kernel::Clock;
use proto::{
    logistics::v1::ShipmentState,
    order::v1::{AcceptOrderRequest, CancelOrderRequest, GetOrderRequest, GetTimelineRequest, ListOrdersRequest, OrderState},
};
use runtime::SystemClock;
use tonic::Code;

use crate::{
    peers::payment::Escrow,
    sale::{Sale, accept, cancel},
    world::{organisation, quick, request, worlds},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_purchase_goes_from_payment_to_the_sellers_money() {
    for world in worlds().await {
        let sale = Sale::paid(world).await;
        sale.world.logistics.ship(sale.order()).await;
        sale.becomes(OrderState::Shipped).await;
        sale.world.logistics.track(sale.order(), ShipmentState::InTransit).await;
        sale.world.logistics.deliver(sale.order()).await;
        let delivered = sale.becomes(OrderState::Delivered).await;
        assert!(delivered.inspection_deadline.is_some());

        let refused = accept(&sale.seller(), sale.order(), "s").await.unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied);
        let accepted = accept(&sale.buyer(), sale.order(), "a").await.unwrap();
        assert_eq!(accepted.state(), OrderState::Accepted);
        sale.becomes(OrderState::Completed).await;
        assert_eq!(sale.world.payment.escrow(sale.order()), Some(Escrow::Released));
        // The same request again gets the answer that it had.
        assert_eq!(accept(&sale.buyer(), sale.order(), "a").await.unwrap(), accepted);
        assert_eq!(
            reason(&accept(&sale.buyer(), sale.order(), "b").await.unwrap_err()),
            "ILLEGAL_STATE"
        );

        until("the timeline tells it all", || async {
            sale.timeline().await == ["placed", "paid", "shipped", "in_transit", "delivered", "accepted", "completed"]
        })
        .await;
        sale.world.rests().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_back_is_refunded_and_no_window_pays_its_seller() {
    for world in worlds().await {
        let sale = Sale::paid(world).await;
        sale.world.logistics.ship(sale.order()).await;
        sale.becomes(OrderState::Shipped).await;
        sale.world.logistics.come_back(sale.order()).await;
        let cancelled = sale.becomes(OrderState::Cancelled).await;
        assert_eq!(cancelled.cancel_reason, "NOT_DELIVERED");
        assert_eq!(sale.world.payment.escrow(sale.order()), Some(Escrow::Refunded));
        assert_eq!(sale.world.timers("kind = 'acceptance'").await, 0);
        let told = ["placed", "paid", "shipped", "returned", "refunding", "refunded", "cancelled"];
        assert_eq!(sale.timeline().await, told);
        sale.world.rests().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_back_after_it_was_accepted_is_paid_all_the_same() {
    for world in worlds().await {
        let sale = Sale::paid(world).await;
        sale.world.logistics.ship(sale.order()).await;
        sale.becomes(OrderState::Shipped).await;
        accept(&sale.buyer(), sale.order(), "").await.unwrap();
        sale.world.logistics.come_back(sale.order()).await;
        sale.becomes(OrderState::Completed).await;
        until("the return is filed", || async {
            sale.timeline().await.contains(&"returned".to_owned())
        })
        .await;
        assert_eq!(sale.world.payment.escrow(sale.order()), Some(Escrow::Released));
        sale.world.rests().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_paid_without_stock_is_refunded() {
    for world in worlds().await {
        let sale = Sale::placed(world).await;
        sale.world.logistics.lose(sale.order());
        sale.world.payment.pay(&sale.checkout.payment_id).await;
        let cancelled = sale.becomes(OrderState::Cancelled).await;
        assert_eq!(cancelled.cancel_reason, "OUT_OF_STOCK");
        assert_eq!(sale.world.payment.escrow(sale.order()), Some(Escrow::Refunded));
        sale.world.rests().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_that_is_cancelled_by_itself_closes_its_orders() {
    for world in worlds().await {
        let sale = Sale::placed(world).await;
        sale.world.payment.cancel_by_itself(&sale.checkout.payment_id).await;
        for order in &sale.checkout.orders {
            let cancelled = sale.buyer().until(&order.id, OrderState::Cancelled).await;
            assert_eq!(cancelled.cancel_reason, "PAYMENT_CANCELLED");
        }
        until("the stock is back", || async { sale.world.logistics.available(sale.variant) == 10 }).await;
        sale.world.rests().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn money_that_comes_after_an_order_was_closed_goes_back_and_nobody_hears_twice_that_it_is_cancelled() {
    for world in worlds().await {
        let sale = Sale::placed_alone(world).await;
        sale.world.payment.cancel_by_itself(&sale.checkout.payment_id).await;
        sale.becomes(OrderState::Cancelled).await;
        sale.world.payment.pay_late(&sale.checkout.payment_id).await;
        until("the money is back", || async {
            sale.timeline().await.contains(&"refunded".to_owned())
        })
        .await;
        assert_eq!(sale.world.payment.escrow(sale.order()), Some(Escrow::Refunded));
        let order = sale.buyer().order(sale.order()).await;
        assert_eq!(
            (order.state(), order.cancel_reason.as_str()),
            (OrderState::Cancelled, "PAYMENT_CANCELLED")
        );
        assert_eq!(sale.timeline().await, ["placed", "cancelled", "paid", "refunding", "refunded"]);
        let told = |subject: &str| format!("outbox WHERE subject = 'order.v1.{subject}'");
        assert_eq!(sale.world.database.count(&told("cancelled")).await, 1);
        assert_eq!(sale.world.database.count(&told("refund_requested")).await, 1);
        assert_eq!(sale.world.database.count("orders WHERE refunded").await, 1);
        assert_eq!(sale.world.logistics.available(sale.variant), 10);
        sale.world.rests().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_known_to_its_two_parties_only() {
    for world in worlds().await {
        let sale = Sale::placed(world).await;
        assert_eq!(sale.seller().order(sale.order()).await, sale.buyer().order(sale.order()).await);
        let stranger = sale.instance.client(organisation());
        let get = GetOrderRequest {
            order_id: sale.order().to_owned(),
        };
        assert_eq!(stranger.orders.clone().get_order(get).await.unwrap_err().code(), Code::NotFound);
        assert_eq!(cancel(&stranger, sale.order(), "").await.unwrap_err().code(), Code::NotFound);
        assert_eq!(accept(&stranger, sale.order(), "").await.unwrap_err().code(), Code::NotFound);
        let timeline = GetTimelineRequest {
            order_id: sale.order().to_owned(),
        };
        assert_eq!(
            stranger.orders.clone().get_timeline(timeline).await.unwrap_err().code(),
            Code::NotFound
        );
        assert!(stranger.list("buyer").await.is_empty() && stranger.list("seller").await.is_empty());
        let wrong = |text: &str| (text.to_owned(), text.to_owned());
        let (order_id, etag) = wrong("neither");
        let accepted = AcceptOrderRequest {
            order_id,
            etag,
            ..AcceptOrderRequest::default()
        };
        let refused = stranger.orders.clone().accept_order(accepted).await.unwrap_err();
        assert_eq!(fields(&refused), ["order_id", "etag"]);
        let (order_id, etag) = wrong("neither");
        let reason = "x".repeat(501);
        let cancelled = CancelOrderRequest {
            order_id,
            reason,
            etag,
            ..CancelOrderRequest::default()
        };
        let refused = stranger.orders.clone().cancel_order(cancelled).await.unwrap_err();
        assert_eq!(fields(&refused), ["order_id", "reason", "etag"]);
        sale.world.rests().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stale_version_is_a_conflict_that_names_the_present_one() {
    for world in worlds().await {
        let sale = Sale::paid(world).await;
        let stale = CancelOrderRequest {
            order_id: sale.order().to_owned(),
            etag: sale.checkout.orders[0].etag.clone(),
            ..CancelOrderRequest::default()
        };
        let refused = sale.buyer().orders.cancel_order(stale.clone()).await.unwrap_err();
        assert_eq!(reason(&refused), "STALE_VERSION");
        let fresh = CancelOrderRequest {
            etag: sale.buyer().order(sale.order()).await.etag,
            ..stale
        };
        assert_eq!(
            sale.buyer().orders.cancel_order(fresh).await.unwrap().into_inner().state(),
            OrderState::Cancelling
        );
        sale.world.rests().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_are_listed_newest_first_page_by_page() {
    for world in worlds().await {
        let instance = world.instance(quick()).await;
        let (buyer, seller) = (organisation(), organisation());
        let variant = world.goods(seller, 10, 100);
        let client = instance.client(buyer);
        let mut placed = Vec::new();
        for _ in 0..5 {
            // Ids of one millisecond have no order.
            let before = SystemClock.now();
            until("a millisecond is over", || async {
                SystemClock.now().since(before) > Duration::from_millis(1)
            })
            .await;
            placed.push(client.check_out(request("", &[(variant, 1)])).await.unwrap().orders[0].id.clone());
        }
        placed.reverse();
        let mut listed = Vec::new();
        let mut page = ListOrdersRequest {
            page_size: 2,
            ..ListOrdersRequest::default()
        };
        loop {
            let answer = client.orders.clone().list_orders(page.clone()).await.unwrap().into_inner();
            listed.extend(answer.orders.into_iter().map(|order| order.id));
            if answer.next_page_token.is_empty() {
                break;
            }
            page.page_token = answer.next_page_token;
        }
        assert_eq!(listed, placed);
        // A token belongs to its list.
        page.side = "seller".to_owned();
        assert_eq!(
            fields(&client.orders.clone().list_orders(page.clone()).await.unwrap_err()),
            ["page_token"]
        );
        page.side = "both".to_owned();
        page.page_token.clear();
        assert_eq!(fields(&client.orders.clone().list_orders(page).await.unwrap_err()), ["side"]);
    }
}
