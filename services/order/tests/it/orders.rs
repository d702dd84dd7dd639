//! Orders after they are placed: payment, shipping, acceptance, cancellation, and who may see and do what.

use harness::until;
use kernel::{OrganisationId, VariantId};
use proto::{
    logistics::v1::ShipmentState,
    order::v1::{
        AcceptOrderRequest, CancelOrderRequest, Checkout, CheckoutState, GetOrderRequest, GetTimelineRequest, ListOrdersRequest, Order,
        OrderState,
    },
};
use tonic::{Code, Status};

use crate::{
    instance::{Client, Instance},
    peers::{
        Fault,
        logistics::Goods,
        payment::{Escrow, Intent},
    },
    recoveries::EVERY_TRY,
    world::{World, fields, organisation, quick, reason, request, worlds},
};

struct Sale {
    world: World,
    instance: Instance,
    buyer: OrganisationId,
    seller: OrganisationId,
    variant: VariantId,
    checkout: Checkout,
}

impl Sale {
    /// Two sellers, so that an order does not stand alone.
    async fn placed(world: World) -> Self {
        let other = world.goods(organisation(), 1_000, 10);
        Self::placed_with(world, &[(other, 1)]).await
    }

    /// One seller.
    async fn placed_alone(world: World) -> Self {
        Self::placed_with(world, &[]).await
    }

    async fn placed_with(world: World, others: &[(VariantId, i64)]) -> Self {
        let instance = world.instance(quick()).await;
        let (buyer, seller) = (organisation(), organisation());
        let variant = world.goods(seller, 1_000, 10);
        let lines = [&[(variant, 2)], others].concat();
        let checkout = instance.client(buyer).check_out(request("", &lines)).await.unwrap();
        Self {
            world,
            instance,
            buyer,
            seller,
            variant,
            checkout,
        }
    }

    async fn paid(world: World) -> Self {
        let sale = Self::placed(world).await;
        sale.world.payment.pay(&sale.checkout.payment_id).await;
        for order in &sale.checkout.orders {
            sale.buyer().until(&order.id, OrderState::Paid).await;
        }
        until("the stock is allocated", || async {
            sale.world.logistics.goods(sale.order()) == Some(Goods::Allocated)
        })
        .await;
        sale
    }

    fn order(&self) -> &str {
        &self.checkout.orders[0].id
    }

    fn buyer(&self) -> Client {
        self.instance.client(self.buyer)
    }

    fn seller(&self) -> Client {
        self.instance.client(self.seller)
    }

    async fn timeline(&self) -> Vec<String> {
        let request = GetTimelineRequest {
            order_id: self.order().to_owned(),
        };
        let timeline = self.buyer().orders.get_timeline(request).await.unwrap().into_inner();
        timeline.entries.into_iter().map(|entry| entry.kind).collect()
    }
}

async fn cancel(client: &Client, order: &str, key: &str) -> Result<Order, Status> {
    let request = CancelOrderRequest {
        request_id: key.to_owned(),
        order_id: order.to_owned(),
        reason: "changed my mind".to_owned(),
        etag: String::new(),
    };
    client.orders.clone().cancel_order(request).await.map(tonic::Response::into_inner)
}

async fn accept(client: &Client, order: &str, key: &str) -> Result<Order, Status> {
    let request = AcceptOrderRequest {
        request_id: key.to_owned(),
        order_id: order.to_owned(),
        etag: String::new(),
    };
    client.orders.clone().accept_order(request).await.map(tonic::Response::into_inner)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purchase_goes_from_payment_to_the_sellers_money() {
    for world in worlds().await {
        let sale = Sale::paid(world).await;
        sale.world.logistics.ship(sale.order()).await;
        sale.buyer().until(sale.order(), OrderState::Shipped).await;
        sale.world.logistics.track(sale.order(), ShipmentState::InTransit).await;
        sale.world.logistics.deliver(sale.order()).await;
        let delivered = sale.buyer().until(sale.order(), OrderState::Delivered).await;
        assert!(delivered.inspection_deadline.is_some());

        let refused = accept(&sale.seller(), sale.order(), "s").await.unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied);
        let accepted = accept(&sale.buyer(), sale.order(), "a").await.unwrap();
        assert_eq!(accepted.state(), OrderState::Accepted);
        sale.buyer().until(sale.order(), OrderState::Completed).await;
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
async fn a_seller_cancels_nothing_of_others_and_its_own_once_it_is_paid() {
    for world in worlds().await {
        let sale = Sale::placed(world).await;
        let other = &sale.checkout.orders[1].id;
        for key in ["a", "a", "b"] {
            let refused = cancel(&sale.seller(), sale.order(), key).await.unwrap_err();
            assert_eq!(
                (refused.code(), reason(&refused).as_str()),
                (Code::FailedPrecondition, "PAID_WITH_OTHERS")
            );
        }
        for order in &sale.checkout.orders {
            assert_eq!(sale.buyer().order(&order.id).await.state(), OrderState::Placed);
        }
        let intent = sale.world.payment.intent(&sale.checkout.payment_id);
        assert!(matches!(intent, Some(Intent::Open(_))), "{intent:?}");
        sale.world.payment.pay(&sale.checkout.payment_id).await;
        sale.buyer().until(sale.order(), OrderState::Paid).await;
        cancel(&sale.seller(), sale.order(), "c").await.unwrap();
        sale.buyer().until(sale.order(), OrderState::Cancelled).await;
        assert_eq!(sale.world.payment.escrow(sale.order()), Some(Escrow::Refunded));
        sale.buyer().until(other, OrderState::Paid).await;
        assert_eq!(sale.world.payment.escrow(other), Some(Escrow::Held));
        sale.world.rests().await;
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
async fn a_seller_who_is_paid_alone_cancels_before_payment_as_well() {
    for world in worlds().await {
        let sale = Sale::placed_alone(world).await;
        let cancelled = cancel(&sale.seller(), sale.order(), "c").await.unwrap();
        assert_eq!(cancelled.state(), OrderState::Cancelled);
        assert_eq!(cancelled.cancel_reason, "CANCELLED_BY_SELLER: changed my mind");
        assert_eq!(cancel(&sale.seller(), sale.order(), "c").await.unwrap(), cancelled);
        assert_eq!(sale.seller().order(sale.order()).await, cancelled);
        let checkout = sale.buyer().checkout(&sale.checkout.id).await.unwrap();
        assert_eq!(checkout.state(), CheckoutState::Closed);
        assert!(matches!(
            sale.world.payment.intent(&checkout.payment_id),
            Some(Intent::Cancelled(_))
        ));
        until("the stock is back", || async { sale.world.logistics.available(sale.variant) == 10 }).await;
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
            let closed = sale.buyer().until(sale.order(), OrderState::Cancelled).await;
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
async fn cancelling_while_the_money_is_on_its_way_is_refused_and_afterwards_refunds() {
    for world in worlds().await {
        let sale = Sale::placed(world).await;
        sale.world.payment.process(&sale.checkout.payment_id);
        let refused = cancel(&sale.buyer(), sale.order(), "c").await.unwrap_err();
        assert_eq!(reason(&refused), "PAYMENT_PROCESSING");
        // Captured, but order has not heard of it.
        let funded = sale.world.payment.capture(&sale.checkout.payment_id);
        let cancelling = cancel(&sale.buyer(), sale.order(), "c").await.unwrap();
        assert_eq!(cancelling.state(), OrderState::Cancelling);
        sale.world.payment.tell_funded(&funded).await;
        sale.buyer().until(sale.order(), OrderState::Cancelled).await;
        assert_eq!(sale.world.payment.escrow(sale.order()), Some(Escrow::Refunded));
        // The other seller's order goes on.
        sale.buyer().until(&sale.checkout.orders[1].id, OrderState::Paid).await;
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
        let cancelled = sale.buyer().until(sale.order(), OrderState::Cancelled).await;
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
        cancel(&sale.buyer(), sale.order(), "").await.unwrap();
        let paid = sale.buyer().until(sale.order(), OrderState::Paid).await;
        assert_eq!(paid.cancel_reason, "");
        sale.world.logistics.tell_shipped(sale.order()).await;
        sale.buyer().until(sale.order(), OrderState::Shipped).await;
        let refused = cancel(&sale.buyer(), sale.order(), "").await.unwrap_err();
        assert_eq!(reason(&refused), "ILLEGAL_STATE");
        // Alibaba's buyers may accept before a delivery is reported, and so may ours.
        accept(&sale.buyer(), sale.order(), "").await.unwrap();
        sale.buyer().until(sale.order(), OrderState::Completed).await;
        sale.world.rests().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_back_is_refunded_and_no_window_pays_its_seller() {
    for world in worlds().await {
        let sale = Sale::paid(world).await;
        sale.world.logistics.ship(sale.order()).await;
        sale.buyer().until(sale.order(), OrderState::Shipped).await;
        sale.world.logistics.come_back(sale.order()).await;
        let cancelled = sale.buyer().until(sale.order(), OrderState::Cancelled).await;
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
        sale.buyer().until(sale.order(), OrderState::Shipped).await;
        accept(&sale.buyer(), sale.order(), "").await.unwrap();
        sale.world.logistics.come_back(sale.order()).await;
        sale.buyer().until(sale.order(), OrderState::Completed).await;
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
        let cancelled = sale.buyer().until(sale.order(), OrderState::Cancelled).await;
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
        assert_eq!(fields(&cancel(&stranger, "ord_1", "").await.unwrap_err()), ["order_id"]);
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
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
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
