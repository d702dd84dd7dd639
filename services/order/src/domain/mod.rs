//! The nouns of a trade: carts, quotations, checkouts and orders. Pure: no database, no network, no clock.

mod address;
mod basket;
mod cart;
mod checkout;
mod commands;
mod draft;
mod event;
mod facts;
mod line;
mod order;
mod quotation;
mod refusal;
mod state;
mod timeline;
mod windows;

#[cfg(test)]
mod order_tests;
#[cfg(test)]
pub(crate) mod samples;
#[cfg(test)]
mod world_tests;

pub(crate) use self::{
    address::Address,
    basket::{COSTS_NOTHING, COSTS_TOO_MUCH, Fault, FaultKind, Offer, drafts},
    cart::{Cart, CartLine},
    checkout::{Checkout, Failure, FailureCode, IntentFact, Progress, Standing},
    draft::{Draft, DraftLine, part_of},
    event::Event,
    line::Line,
    order::{CancelCode, CancelReason, Order, Parties, Party, Sale},
    quotation::{Quotation, QuotationEvent, QuotationState, QuotedLine},
    refusal::Refusal,
    state::State,
    timeline::{Moment, Timeline},
    windows::{SHORTEST as SHORTEST_WINDOW, Windows},
};

/// How many lines a checkout, a quotation or a cart may have.
pub(crate) const MOST_LINES: usize = 200;
