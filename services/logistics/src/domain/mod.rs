//! The nouns of logistics. Pure: no database, no network, no clock, no environment.

mod carrier_event;
mod country;
mod event;
mod freight;
mod hold;
mod movement;
mod parcels;
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

pub use self::{
    carrier_event::{CarrierEvent, carrier_event_id},
    country::{Country, UnknownCountry},
    event::Event,
    freight::{FreightRate, FreightTable, InvalidRate, MOST_RATES, NoQuote},
    hold::{Hold, HoldState},
    movement::{Movement, MovementKind},
    parcels::{ParcelLine, TooManyParcels, pack},
    reservation::{Line, Order, Reservation, ReservationError, State, Undone},
    shelf::{NotNamed, Shelf},
    shipment::{Parcel, Shipment, ShipmentState},
    sourcing::{Demand, Pick, Plan, Reason, Shortage, Terms, source},
    stock::{Level, MOST_PIECES, Stock, StockError, stock_id},
    track::{Claim, Progress, Track, parcel_id},
    tracking_number::{InvalidTrackingNumber, TrackingNumber},
    warehouse::{Address, Site, Stale, Warehouse},
};
