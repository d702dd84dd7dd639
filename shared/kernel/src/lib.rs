//! The nouns that every service shares: ids, money, countries, article numbers, time and pages. Pure: no I/O, no clock, no environment.

mod code;
mod country;
mod currency;
mod gtin;
mod id;
mod ids;
mod money;
mod named;
mod page;
mod stale;
mod time;

#[doc(hidden)]
pub use uuid;

pub use crate::{
    country::{Country, UnknownCountry},
    currency::{Currency, UnknownCurrency},
    gtin::{Gtin, InvalidGtin},
    id::{InvalidId, TypeId},
    ids::*,
    money::{Money, MoneyError},
    page::{InvalidPage, Page, PageSize, PageToken},
    stale::Stale,
    time::{Clock, InvalidTime, ManualClock, Time},
};

/// What the macro [`id!`] calls where it is used.
#[doc(hidden)]
pub mod __id {
    pub use crate::id::{at, derived, parse, write};
}
