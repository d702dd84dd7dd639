//! Nouns as the protos write them.

use kernel::{MovementId, Time};
use proto::{logistics::v1, postal::v1::Address as AddressMessage};
use runtime::timestamp;
use store::Stored;

use crate::{
    domain::{Movement, MovementKind, Reason, Shipment, Shortage, Stock, Warehouse},
    store::facts::shipment_state,
};

pub(super) fn warehouse(warehouse: &Stored<Warehouse>) -> v1::Warehouse {
    let address = &warehouse.address;
    v1::Warehouse {
        id: warehouse.id.to_string(),
        owner_id: warehouse.owner.to_string(),
        name: warehouse.name.clone(),
        address: Some(AddressMessage {
            recipient: address.recipient.clone(),
            lines: address.lines.clone(),
            city: address.city.clone(),
            region: address.region.clone(),
            postal_code: address.postal_code.clone(),
            country: address.country.to_string(),
            phone: address.phone.clone(),
        }),
        freight_rates: super::freight_rates::present(&warehouse.freight),
        etag: warehouse.etag(),
        create_time: Some(timestamp(warehouse.created)),
    }
}

pub(super) fn stock(stock: &Stored<Stock>) -> v1::Stock {
    let levels = stock.levels().iter().map(|(warehouse, level)| v1::StockLevel {
        warehouse_id: warehouse.to_string(),
        on_hand: level.on_hand,
        reserved: level.reserved,
    });
    v1::Stock {
        variant_id: stock.variant().to_string(),
        owner_id: stock.owner().to_string(),
        levels: levels.collect(),
        on_hand: stock.on_hand(),
        reserved: stock.reserved(),
        available: stock.available(),
        etag: stock.etag(),
    }
}

pub(super) fn movement(id: MovementId, movement: &Movement, time: Time) -> v1::Movement {
    let kind = match movement.kind {
        MovementKind::Received => v1::MovementKind::Received,
        MovementKind::Reserved => v1::MovementKind::Reserved,
        MovementKind::Released => v1::MovementKind::Released,
        MovementKind::Allocated => v1::MovementKind::Allocated,
        MovementKind::Shipped => v1::MovementKind::Shipped,
        MovementKind::Adjusted => v1::MovementKind::Adjusted,
        MovementKind::Returned => v1::MovementKind::Returned,
    };
    v1::Movement {
        id: id.to_string(),
        variant_id: movement.variant.to_string(),
        warehouse_id: movement.warehouse.to_string(),
        kind: kind.into(),
        on_hand_change: movement.on_hand_change,
        reserved_change: movement.reserved_change,
        order_id: movement.order.map(|order| order.to_string()).unwrap_or_default(),
        note: movement.note.clone(),
        time: Some(timestamp(time)),
    }
}

pub(super) fn shortage(shortage: &Shortage) -> v1::Shortage {
    let reason = match shortage.reason {
        Reason::OutOfStock => v1::ShortageReason::OutOfStock,
        Reason::NoFreightRate => v1::ShortageReason::NoFreightRate,
        Reason::FreightCurrency => v1::ShortageReason::FreightCurrency,
        Reason::FreightTooMuch => v1::ShortageReason::FreightTooMuch,
    };
    v1::Shortage {
        variant_id: shortage.variant.to_string(),
        wanted: shortage.wanted,
        available: shortage.available,
        reason: reason.into(),
    }
}

pub(super) fn shipment(shipment: &Stored<Shipment>) -> v1::Shipment {
    let parcels = shipment.parcels.iter().map(|parcel| {
        let lines = parcel.lines.iter().map(|line| v1::ParcelLine {
            variant_id: line.variant.to_string(),
            quantity: line.quantity,
        });
        v1::Parcel {
            id: parcel.id.to_string(),
            tracking_number: parcel.number.to_string(),
            lines: lines.collect(),
            state: shipment_state(parcel.progress.state).into(),
            update_time: Some(timestamp(parcel.progress.since)),
        }
    });
    v1::Shipment {
        id: shipment.id.to_string(),
        order_id: shipment.order.id.to_string(),
        seller_id: shipment.order.seller.to_string(),
        buyer_id: shipment.order.buyer.to_string(),
        carrier: shipment.carrier.clone(),
        parcels: parcels.collect(),
        state: shipment_state(shipment.state()).into(),
        etag: shipment.etag(),
        create_time: Some(timestamp(shipment.created)),
        delivered_time: shipment.delivered.map(timestamp),
    }
}
