//! A checkout on its way: placed, paid, accepted, cancelled.

use std::ops::Deref;

use harness::until;
use kernel::VariantId;
use proto::order::v1::{AcceptOrderRequest, CancelOrderRequest, Checkout, GetTimelineRequest, Order, OrderState};
use tonic::Status;

use crate::{
    instance::Client,
    peers::logistics::Goods,
    trade::Trade,
    world::{World, organisation, request},
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
        Self::placed_with(world, &[(other, 1)]).await
    }

    /// One seller.
    pub(crate) async fn placed_alone(world: World) -> Self {
        Self::placed_with(world, &[]).await
    }

    pub(crate) async fn placed_with(world: World, others: &[(VariantId, i64)]) -> Self {
        let trade = Trade::with(world, 1_000, 10).await;
        let lines = [&[(trade.variant, 2)], others].concat();
        let checkout = trade.buyer().check_out(request("", &lines)).await.unwrap();
        Self { trade, checkout }
    }

    pub(crate) async fn paid(world: World) -> Self {
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

    pub(crate) fn order(&self) -> &str {
        &self.checkout.orders[0].id
    }

    pub(crate) async fn timeline(&self) -> Vec<String> {
        let request = GetTimelineRequest {
            order_id: self.order().to_owned(),
        };
        let timeline = self.buyer().orders.get_timeline(request).await.unwrap().into_inner();
        timeline.entries.into_iter().map(|entry| entry.kind).collect()
    }
}

pub(crate) async fn cancel(client: &Client, order: &str, key: &str) -> Result<Order, Status> {
    let request = CancelOrderRequest {
        request_id: key.to_owned(),
        order_id: order.to_owned(),
        reason: "changed my mind".to_owned(),
        etag: String::new(),
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
