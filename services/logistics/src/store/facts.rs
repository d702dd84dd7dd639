//! Events as the other services hear them.

use proto::logistics::v1;
use store::{Fact, Work};

use crate::domain::{Event, Order, ShipmentState, stock_id};

/// Tells all of them, in order.
pub(crate) fn emit(work: &mut Work, events: impl IntoIterator<Item = Event>) {
    for event in events {
        work.emit(fact(&event));
    }
}

/// The fact that an event is told as.
pub(super) fn fact(event: &Event) -> Fact {
    match event {
        Event::StockChanged { owner, variant, available } => Fact::new(
            "logistics.v1.stock_changed",
            stock_id(*owner, *variant),
            [*owner],
            &v1::StockChanged {
                variant_id: variant.to_string(),
                owner_id: owner.to_string(),
                available: *available,
            },
        ),
        Event::Allocated(order) => changed("logistics.v1.allocated", order),
        Event::Released(order) => changed("logistics.v1.released", order),
        Event::AllocationFailed(order) => {
            let body = v1::AllocationFailed {
                order_id: order.id.to_string(),
                seller_id: order.seller.to_string(),
                buyer_id: order.buyer.to_string(),
            };
            Fact::new("logistics.v1.allocation_failed", order.id, [order.buyer, order.seller], &body)
        }
        Event::CancellationAccepted(order) => answered("logistics.v1.cancellation_accepted", order),
        Event::CancellationRefused(order) => answered("logistics.v1.cancellation_refused", order),
        Event::Shipped {
            shipment,
            order,
            carrier,
            tracking_number,
        } => {
            let body = v1::Shipped {
                shipment_id: shipment.to_string(),
                order_id: order.id.to_string(),
                seller_id: order.seller.to_string(),
                buyer_id: order.buyer.to_string(),
                carrier: carrier.clone(),
                tracking_number: tracking_number.clone(),
            };
            Fact::new("logistics.v1.shipped", *shipment, [order.buyer, order.seller], &body)
        }
        Event::TrackingUpdated { shipment, order, state } => {
            let body = v1::TrackingUpdated {
                shipment_id: shipment.to_string(),
                order_id: order.id.to_string(),
                seller_id: order.seller.to_string(),
                buyer_id: order.buyer.to_string(),
                status: shipment_state(*state).as_str_name().to_owned(),
            };
            Fact::new("logistics.v1.tracking_updated", *shipment, [order.buyer, order.seller], &body)
        }
        Event::Delivered { shipment, order } => {
            let body = v1::Delivered {
                shipment_id: shipment.to_string(),
                order_id: order.id.to_string(),
                seller_id: order.seller.to_string(),
                buyer_id: order.buyer.to_string(),
            };
            Fact::new("logistics.v1.delivered", *shipment, [order.buyer, order.seller], &body)
        }
        Event::Returned { shipment, order } => {
            let body = v1::Returned {
                shipment_id: shipment.to_string(),
                order_id: order.id.to_string(),
                seller_id: order.seller.to_string(),
                buyer_id: order.buyer.to_string(),
            };
            Fact::new("logistics.v1.returned", *shipment, [order.buyer, order.seller], &body)
        }
    }
}

/// A shipment's state as the protos name it.
pub(crate) fn shipment_state(state: ShipmentState) -> v1::ShipmentState {
    match state {
        ShipmentState::Purchased => v1::ShipmentState::Purchased,
        ShipmentState::InTransit => v1::ShipmentState::InTransit,
        ShipmentState::OutForDelivery => v1::ShipmentState::OutForDelivery,
        ShipmentState::NeedsAttention => v1::ShipmentState::NeedsAttention,
        ShipmentState::DeliveryFailed => v1::ShipmentState::DeliveryFailed,
        ShipmentState::Delivered => v1::ShipmentState::Delivered,
        ShipmentState::Returned => v1::ShipmentState::Returned,
        ShipmentState::Cancelled => v1::ShipmentState::Cancelled,
    }
}

fn changed(subject: &'static str, order: &Order) -> Fact {
    let body = v1::ReservationChanged {
        checkout_id: order.checkout.to_string(),
        order_id: order.id.to_string(),
        seller_id: order.seller.to_string(),
        buyer_id: order.buyer.to_string(),
    };
    Fact::new(subject, order.id, [order.buyer, order.seller], &body)
}

fn answered(subject: &'static str, order: &Order) -> Fact {
    let body = v1::CancellationAnswered {
        order_id: order.id.to_string(),
        seller_id: order.seller.to_string(),
        buyer_id: order.buyer.to_string(),
    };
    Fact::new(subject, order.id, [order.buyer, order.seller], &body)
}
