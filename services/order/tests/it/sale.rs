//! A checkout on its way: placed, paid, accepted, cancelled.

use std::ops::Deref;

use harness::{channel, until};
use kernel::{OrganisationId, VariantId};
use order::Config;
use proto::order::v1::{
    AcceptOrderRequest, CancelOrderRequest, Checkout, GetTimelineRequest, Order, OrderState, order_service_client::OrderServiceClient,
};
use tonic::Status;

use crate::{
    instance::Client,
    peers::logistics::Goods,
    trade::Trade,
    world::{World, organisation, quick, request},
};

/// A trade that has come to a checkout.
pub(crate) struct Sale {
    trade: Trade,
    pub(crate) checkout: Checkout,
}

impl Deref for Sale {
    type Target = Trade;

    fn deref(&self) -> &Trade {
        &self.trade
    }
}

impl Sale {
    /// Two sellers, so that an order does not stand alone.
    pub(crate) async fn placed(world: World) -> Self {
        let other = world.goods(organisation(), 1_000, 10);
        Self::of(Trade::with(world, 1_000, 10).await, &[(other, 1)]).await
    }

    /// One seller.
    pub(crate) async fn placed_alone(world: World) -> Self {
        Self::placed_under(quick(), world).await
    }

    /// One seller, and other settings.
    pub(crate) async fn placed_under(config: Config, world: World) -> Self {
        Self::of(Trade::under(config, world, 1_000, 10).await, &[]).await
    }

    async fn of(trade: Trade, others: &[(VariantId, i64)]) -> Self {
        let lines = [&[(trade.variant, 2)], others].concat();
        let checkout = trade.buyer().check_out(request("", &lines)).await.unwrap();
        Self { trade, checkout }
    }

    pub(crate) async fn paid(world: World) -> Self {
        let sale = Self::placed(world).await;
        sale.pays().await;
        until("the stock is allocated", || async {
            sale.world.logistics.goods(sale.order()) == Some(Goods::Allocated)
        })
        .await;
        sale
    }

    /// Waits until payment has told that the buyer paid.
    pub(crate) async fn pays(&self) {
        self.world.payment.pay(&self.checkout.payment_id).await;
        for order in &self.checkout.orders {
            self.buyer().until(&order.id, OrderState::Paid).await;
        }
    }

    /// Waits until the order is in a state.
    pub(crate) async fn becomes(&self, state: OrderState) -> Order {
        self.buyer().until(self.order(), state).await
    }

    pub(crate) fn order(&self) -> &str {
        &self.checkout.orders[0].id
    }

    /// Cancels the order by somebody whose token has these scopes.
    pub(crate) async fn cancel_with(&self, organisation: OrganisationId, scopes: &str) -> Result<Order, Status> {
        let request = self.instance.signed(organisation, scopes, cancellation(self.order(), ""));
        let mut orders = OrderServiceClient::new(channel(self.instance.address()));
        orders.cancel_order(request).await.map(tonic::Response::into_inner)
    }

    pub(crate) async fn timeline(&self) -> Vec<String> {
        let request = GetTimelineRequest {
            order_id: self.order().to_owned(),
        };
        let timeline = self.buyer().orders.get_timeline(request).await.unwrap().into_inner();
        timeline.entries.into_iter().map(|entry| entry.kind).collect()
    }
}

fn cancellation(order: &str, key: &str) -> CancelOrderRequest {
    CancelOrderRequest {
        request_id: key.to_owned(),
        order_id: order.to_owned(),
        reason: "changed my mind".to_owned(),
        etag: String::new(),
    }
}

pub(crate) async fn cancel(client: &Client, order: &str, key: &str) -> Result<Order, Status> {
    let request = cancellation(order, key);
    client.orders.clone().cancel_order(request).await.map(tonic::Response::into_inner)
}

/// Cancels what is as it was when the client looked at it.
pub(crate) async fn cancel_seen(client: &Client, seen: &Order) -> Result<Order, Status> {
    let request = CancelOrderRequest {
        etag: seen.etag.clone(),
        ..cancellation(&seen.id, "")
    };
    client.orders.clone().cancel_order(request).await.map(tonic::Response::into_inner)
}

pub(crate) async fn accept(client: &Client, order: &str, key: &str) -> Result<Order, Status> {
    let request = AcceptOrderRequest {
        request_id: key.to_owned(),
        order_id: order.to_owned(),
        etag: String::new(),
    };
    client.orders.clone().accept_order(request).await.map(tonic::Response::into_inner)
}
