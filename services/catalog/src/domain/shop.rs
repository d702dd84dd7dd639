//! A seller's store, called a shop here to tell it from the store that keeps rows.

use kernel::{Currency, OrganisationId, StoreId, Time};

use super::Event;

/// A seller's shop window. Its owner and currency never change, so that whoever holds an id may rely on both.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Shop {
    pub(crate) id: StoreId,
    pub(crate) owner: OrganisationId,
    pub(crate) currency: Currency,
    pub(crate) window: Window,
    pub(crate) created: Time,
    pub(crate) updated: Time,
}

/// What its owner may change of a shop.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Window {
    pub(crate) name: String,
    pub(crate) description: String,
    /// ISO 3166-1 alpha-2.
    pub(crate) country: String,
    /// Tax on top of net prices, in hundredths of a per cent.
    pub(crate) tax_basis_points: u32,
}

impl Shop {
    /// Takes down the old window and puts up a new one; nothing happens when they are the same.
    pub(crate) fn redecorate(&mut self, window: Window, now: Time) -> Option<Event> {
        if self.window == window {
            return None;
        }
        (self.window, self.updated) = (window, now);
        Some(Event::StoreChanged)
    }
}
