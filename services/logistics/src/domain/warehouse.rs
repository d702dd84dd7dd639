//! Warehouses: where a seller's stock is, and what it costs to ship from there.

use kernel::{OrganisationId, Time, WarehouseId};
use serde::{Deserialize, Serialize};

use super::{Country, FreightTable};

/// Where a warehouse stands. Personal data: it is shown to the warehouse's owner only and never goes into events or logs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// Person or company.
    pub recipient: String,
    /// Street lines, one to five.
    pub lines: Vec<String>,
    /// City.
    pub city: String,
    /// State or province; may be empty.
    pub region: String,
    /// Postal code; may be empty.
    pub postal_code: String,
    /// Country.
    pub country: Country,
    /// E.164; may be empty.
    pub phone: String,
}

/// A seller's warehouse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warehouse {
    /// Its id.
    pub id: WarehouseId,
    /// The organisation that keeps its stock there.
    pub owner: OrganisationId,
    /// What its owner calls it.
    pub name: String,
    /// Where it stands.
    pub address: Address,
    /// What shipping from there costs.
    pub freight: FreightTable,
    /// When it was set up.
    pub created: Time,
}

/// The entity tag that a change was based on is not the present one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the warehouse has changed, its version is {current}")]
pub struct Stale {
    /// The present version.
    pub current: i64,
}

/// What sourcing has to know of a warehouse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// The warehouse.
    pub warehouse: WarehouseId,
    /// Where it stands.
    pub country: Country,
    /// What shipping from there costs.
    pub freight: FreightTable,
}

impl Warehouse {
    /// What sourcing has to know of it.
    pub fn site(&self) -> Site {
        Site {
            warehouse: self.id,
            country: self.address.country,
            freight: self.freight.clone(),
        }
    }
}
