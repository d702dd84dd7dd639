//! The nouns of logistics. Pure: no database, no network, no clock, no environment.

mod carrier_event;
mod event;
mod freight;
mod hold;
mod movement;
mod parcels;
mod refusal;
mod reservation;
mod shelf;
mod shipment;
mod sourcing;
mod stock;
mod track;
mod tracking_number;
mod warehouse;

#[cfg(test)]
mod histories;
#[cfg(test)]
pub(crate) mod samples;

pub(crate) use kernel::Country;

pub(crate) use self::{
    carrier_event::CarrierEvent,
    event::Event,
    freight::{FreightRate, FreightTable, MOST_RATES, NoQuote, Tariff},
    hold::{Hold, HoldState},
    movement::{Movement, MovementKind},
    parcels::{ParcelLine, TooManyParcels, pack},
    refusal::Refusal,
    reservation::{Line, Order, Reservation, State},
    shelf::{NotNamed, Shelf, Sourced, Undone},
    shipment::{Parcel, Shipment, ShipmentState, reported_since},
    sourcing::{Demand, Pick, Plan, Reason, Shortage, Terms, source},
    stock::{Level, MOST_PIECES, Stock, StockError, stock_id},
    track::{Claim, Progress, Track, parcel_id},
    tracking_number::TrackingNumber,
    warehouse::{Address, MOST_WAREHOUSES, Site, Warehouse},
};
