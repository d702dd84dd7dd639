//! The stock that one decision may touch, taken from the database as a whole and put back as a whole.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{OrderId, OrganisationId, StockId, VariantId, WarehouseId};

use super::{Demand, Movement, Pick, Plan, Refusal, Shortage, Site, Stock, StockError, Terms, source, stock_id};

/// Stock by id, with the movements of this decision. What was named but does not exist is stock of no pieces.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Shelf {
    named: BTreeSet<StockId>,
    stocks: BTreeMap<StockId, Stock>,
    movements: Vec<Movement>,
}

/// A decision needs stock that was not taken along. It is made again with that stock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the stock was not taken along")]
pub(crate) struct NotNamed;

/// Why a fact was not taken in. Both are about us, never about the fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Undone {
    /// It needs stock that was not taken along, and is tried again with it.
    #[error(transparent)]
    NotNamed(#[from] NotNamed),
    /// Reservation and stock disagree, which no sequence of facts can bring about.
    #[error("reservation and stock disagree: {0}")]
    Stock(#[from] StockError),
}

/// Where an order is sourced from, or that it cannot be.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Sourced {
    /// From these warehouses.
    From(Plan),
    /// These lines cannot be had.
    Short(Vec<Shortage>),
}

impl Shelf {
    /// A shelf with this stock, out of what was named.
    pub(crate) fn new(named: impl IntoIterator<Item = StockId>, stocks: impl IntoIterator<Item = Stock>) -> Self {
        Self {
            named: named.into_iter().collect(),
            stocks: stocks.into_iter().map(|stock| (stock.id(), stock)).collect(),
            movements: Vec::new(),
        }
    }

    /// The stock as it now is.
    pub(crate) fn stocks(&self) -> impl Iterator<Item = &Stock> {
        self.stocks.values()
    }

    /// What moved, in order.
    pub(crate) fn movements(&self) -> &[Movement] {
        &self.movements
    }

    /// The warehouses that have stock here and are unknown to this list.
    pub(crate) fn knows_more_than(&self, owner: OrganisationId, sites: &[Site]) -> bool {
        let of_owner = self.stocks.values().filter(|stock| stock.owner() == owner);
        let mut places = of_owner.flat_map(|stock| stock.levels().keys());
        places.any(|place| sites.iter().all(|site| site.warehouse != *place))
    }

    /// Sources an order from a seller's warehouses, without taking anything yet.
    ///
    /// # Errors
    /// Stock that was not named.
    pub(crate) fn plan(&self, seller: OrganisationId, demands: &[Demand], sites: &[Site], terms: Terms) -> Result<Sourced, NotNamed> {
        let stocks: BTreeMap<VariantId, Option<&Stock>> = demands
            .iter()
            .map(|demand| self.find(stock_id(seller, demand.variant)).map(|stock| (demand.variant, stock)))
            .collect::<Result<_, _>>()?;
        let available = |variant: VariantId, warehouse: WarehouseId| {
            let stock = stocks.get(&variant).copied().flatten();
            stock.map_or(0, |stock| stock.available_in(warehouse))
        };
        Ok(source(demands, sites, terms, available).map_or_else(Sourced::Short, Sourced::From))
    }

    /// Moves the stock of every pick by one of [`Stock`]'s methods.
    ///
    /// # Errors
    /// Stock that was not named, or that cannot move so; the shelf is to be thrown away then.
    pub(crate) fn move_all(
        &mut self,
        seller: OrganisationId,
        order: OrderId,
        picks: &[Pick],
        step: fn(&mut Stock, OrderId, &Pick) -> Result<Movement, StockError>,
    ) -> Result<(), Undone> {
        for pick in picks {
            let id = stock_id(seller, pick.variant);
            self.find(id)?;
            let stock = self.stocks.entry(id).or_insert_with(|| Stock::empty(seller, pick.variant));
            self.movements.push(step(stock, order, pick)?);
        }
        Ok(())
    }

    /// Counts the pieces of a variant anew: they came in, or stocktaking found another number.
    ///
    /// # Errors
    /// Stock that was not named, or that cannot be counted so; nothing has changed then.
    pub(crate) fn count(
        &mut self,
        owner: OrganisationId,
        variant: VariantId,
        step: impl FnOnce(&mut Stock) -> Result<Movement, StockError>,
    ) -> Result<(), Refusal> {
        let found = self.find(stock_id(owner, variant))?.cloned();
        let mut stock = found.unwrap_or_else(|| Stock::empty(owner, variant));
        self.movements.push(step(&mut stock)?);
        self.stocks.insert(stock.id(), stock);
        Ok(())
    }

    /// Writes a movement down that changes no level.
    pub(crate) fn note(&mut self, movement: Movement) {
        self.movements.push(movement);
    }

    fn find(&self, id: StockId) -> Result<Option<&Stock>, NotNamed> {
        if self.named.contains(&id) {
            Ok(self.stocks.get(&id))
        } else {
            Err(NotNamed)
        }
    }
}
