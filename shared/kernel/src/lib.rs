//! The nouns that every service shares: ids, money, time and pages. Pure: no I/O, no clock, no environment.

mod currency;
mod id;
mod ids;
mod money;
mod page;
mod time;

#[doc(hidden)]
pub use uuid;

pub use crate::{
    currency::{Currency, UnknownCurrency},
    id::{InvalidId, TypeId},
    ids::*,
    money::{Money, MoneyError},
    page::{InvalidPage, PageSize, PageToken},
    time::{Clock, InvalidTime, ManualClock, Time},
};

#[doc(hidden)]
pub mod __id {
    use std::fmt;

    use uuid::Uuid;

    use crate::{InvalidId, Time};

    pub fn at(time: Time) -> Uuid {
        crate::id::at(time)
    }

    pub fn derived(parent: Uuid, name: &str) -> Uuid {
        crate::id::derived(parent, name)
    }

    pub fn write(prefix: &str, uuid: Uuid, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        crate::id::write(prefix, uuid, out)
    }

    pub fn parse(prefix: &'static str, text: &str) -> Result<Uuid, InvalidId> {
        crate::id::parse(prefix, text)
    }
}
