//! Warehouses: where a seller's stock is, and what it costs to ship from there.

use kernel::{OrganisationId, Time, WarehouseId};
use serde::{Deserialize, Serialize};

use super::{Country, FreightTable};

/// How many warehouses an organisation may have.
pub(crate) const MOST_WAREHOUSES: u64 = 200;

/// Where a warehouse stands. Personal data: it is shown to the warehouse's owner only and never goes into events or logs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Address {
    /// Person or company.
    pub(crate) recipient: String,
    /// Street lines, one to five.
    pub(crate) lines: Vec<String>,
    /// City.
    pub(crate) city: String,
    /// State or province; may be empty.
    pub(crate) region: String,
    /// Postal code; may be empty.
    pub(crate) postal_code: String,
    /// Country.
    pub(crate) country: Country,
    /// E.164; may be empty.
    pub(crate) phone: String,
}

/// A seller's warehouse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Warehouse {
    /// Its id.
    pub(crate) id: WarehouseId,
    /// The organisation that keeps its stock there.
    pub(crate) owner: OrganisationId,
    /// What its owner calls it.
    pub(crate) name: String,
    /// Where it stands.
    pub(crate) address: Address,
    /// What shipping from there costs.
    pub(crate) freight: FreightTable,
    /// When it was set up.
    pub(crate) created: Time,
    /// When it last changed, so that replicas notice.
    pub(crate) changed: Time,
}

/// What sourcing has to know of a warehouse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Site {
    /// The warehouse.
    pub(crate) warehouse: WarehouseId,
    /// Where it stands.
    pub(crate) country: Country,
    /// What shipping from there costs.
    pub(crate) freight: FreightTable,
}

impl Warehouse {
    /// Replaces the freight table. What was quoted before stays quoted.
    pub(crate) fn set_freight(&mut self, freight: FreightTable, now: Time) {
        self.freight = freight;
        self.changed = now;
    }

    /// What sourcing has to know of it.
    pub(crate) fn site(&self) -> Site {
        Site {
            warehouse: self.id,
            country: self.address.country,
            freight: self.freight.clone(),
        }
    }
}
