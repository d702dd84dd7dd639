//! Sourcing: which warehouses an order comes from.
//!
//! Fewest parcels first: one warehouse, else two, else three, else one after another, the fullest first. Among equals the cheapest freight,
//! then the fewest parcels that cross a border, then the order of warehouse ids, so that the same question always has the same answer.
//!
//! Whoever reserves waits while this is worked out, and so do those behind them. So only a seller's cheapest warehouses are tried together,
//! and what a group would cost is asked only if it has everything.

use kernel::{Currency, Money, VariantId, WarehouseId};
use serde::{Deserialize, Serialize};

use super::{Country, NoQuote, Site, Tariff};

/// How many warehouses are tried two at a time: 140 give 9,730 twos.
const MOST_FOR_TWOS: usize = 140;

/// How many warehouses are tried three at a time: 40 give 9,880 threes.
const MOST_FOR_THREES: usize = 40;

/// Pieces that an order wants. A variant comes up once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Demand {
    /// What.
    pub(crate) variant: VariantId,
    /// How many pieces; at least one.
    pub(crate) quantity: i64,
    /// What one piece weighs, in milligrams.
    pub(crate) weight_mg: i64,
}

/// Who says what the freight costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Terms {
    /// The warehouses' freight tables.
    Quote {
        /// Where the parcels go.
        to: Country,
        /// What they are paid in.
        currency: Currency,
    },
    /// It is agreed already, so every warehouse may ship.
    Agreed {
        /// Where the parcels go, if that is known.
        to: Option<Country>,
    },
}

/// Pieces that one warehouse gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Pick {
    /// What.
    pub(crate) variant: VariantId,
    /// From where.
    pub(crate) warehouse: WarehouseId,
    /// How many pieces; at least one.
    pub(crate) quantity: i64,
}

/// Where an order's pieces come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    /// What each warehouse gives.
    pub(crate) picks: Vec<Pick>,
    /// One parcel from each warehouse; none when the freight is agreed already.
    pub(crate) freight: Option<Money>,
}

/// Why a line cannot be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Reason {
    /// There are not enough pieces.
    OutOfStock,
    /// There are, but not where a freight rate names the destination.
    NoFreightRate,
    /// There are, but the freight from there is charged in another currency.
    FreightCurrency,
    /// There are, but their freight is more than can be paid.
    FreightTooMuch,
}

/// A line that cannot be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Shortage {
    /// What.
    pub(crate) variant: VariantId,
    /// How many pieces were wanted.
    pub(crate) wanted: i64,
    /// How many could be had.
    pub(crate) available: i64,
    /// Why not all.
    pub(crate) reason: Reason,
}

/// Chooses the warehouses for an order. `available` says how many pieces of a variant a warehouse can give.
///
/// # Errors
/// The lines that cannot be had. Then nothing can: an order is sourced as a whole.
pub(crate) fn source(
    demands: &[Demand],
    sites: &[Site],
    terms: Terms,
    available: impl Fn(VariantId, WarehouseId) -> i64,
) -> Result<Plan, Vec<Shortage>> {
    let problem = Problem::new(demands, sites, terms, available);
    let shortages = problem.shortages();
    if !shortages.is_empty() {
        return Err(shortages);
    }
    let mut candidates: Vec<usize> = (0..sites.len()).filter(|site| problem.can_take_part(*site)).collect();
    candidates.sort_by_cached_key(|site| problem.rank(*site));
    let cheapest = |most: usize| &candidates[..candidates.len().min(most)];
    let best = problem
        .best_of(ones(&candidates))
        .or_else(|| problem.best_of(twos(cheapest(MOST_FOR_TWOS))))
        .or_else(|| problem.best_of(threes(cheapest(MOST_FOR_THREES))))
        .unwrap_or_else(|| problem.one_after_another(&candidates));
    // They have everything, so what is in the way is the price of the parcels.
    problem.plan(&best).ok_or_else(|| problem.refuse_all(Reason::FreightTooMuch))
}

fn ones(candidates: &[usize]) -> impl Iterator<Item = Vec<usize>> {
    candidates.iter().map(|one| vec![*one])
}

fn twos(candidates: &[usize]) -> impl Iterator<Item = Vec<usize>> {
    candidates
        .iter()
        .enumerate()
        .flat_map(|(place, one)| candidates[place + 1..].iter().map(|two| vec![*one, *two]))
}

fn threes(candidates: &[usize]) -> impl Iterator<Item = Vec<usize>> {
    candidates.iter().enumerate().flat_map(|(place, one)| {
        twos(&candidates[place + 1..]).map(|mut rest| {
            rest.insert(0, *one);
            rest
        })
    })
}

struct Problem<'a> {
    demands: &'a [Demand],
    sites: &'a [Site],
    terms: Terms,
    /// What each site can give of each demand.
    gives: Vec<Vec<i64>>,
    /// What parcels from each site cost, if it ships there at all; none when the freight is agreed already.
    tariffs: Vec<Result<Option<Tariff<'a>>, NoQuote>>,
}

impl<'a> Problem<'a> {
    fn new(demands: &'a [Demand], sites: &'a [Site], terms: Terms, available: impl Fn(VariantId, WarehouseId) -> i64) -> Self {
        let give = |site: &Site, demand: &Demand| available(demand.variant, site.warehouse).clamp(0, demand.quantity);
        Self {
            gives: sites
                .iter()
                .map(|site| demands.iter().map(|demand| give(site, demand)).collect())
                .collect(),
            tariffs: sites.iter().map(|site| tariff(site, terms)).collect(),
            demands,
            sites,
            terms,
        }
    }

    fn can_take_part(&self, site: usize) -> bool {
        self.tariffs[site].is_ok() && self.gives[site].iter().any(|pieces| *pieces > 0)
    }

    /// Who is asked first: who would be the cheapest for the whole order, then the nearest.
    fn rank(&self, site: usize) -> (i64, bool, WarehouseId) {
        let whole = self.weight(self.demands.iter().map(|demand| demand.quantity));
        (
            self.price(site, whole).unwrap_or(i64::MAX),
            self.is_abroad(site),
            self.sites[site].warehouse,
        )
    }

    /// What a parcel from there costs in minor units; nothing when the freight is agreed.
    fn price(&self, site: usize, weight_mg: i128) -> Result<i64, NoQuote> {
        self.tariffs[site]?.map_or(Ok(0), |tariff| tariff.price(weight_mg).map(Money::minor_units))
    }

    fn is_abroad(&self, site: usize) -> bool {
        let to = match self.terms {
            Terms::Quote { to, .. } => Some(to),
            Terms::Agreed { to } => to,
        };
        to.is_some_and(|to| to != self.sites[site].country)
    }

    fn weight(&self, pieces: impl IntoIterator<Item = i64>) -> i128 {
        let each = self.demands.iter().map(|demand| i128::from(demand.weight_mg));
        each.zip(pieces).map(|(weight, pieces)| weight * i128::from(pieces)).sum()
    }

    fn sum(&self, demand: usize, counts: impl Fn(Option<NoQuote>) -> bool) -> i64 {
        let sites = (0..self.sites.len()).filter(|site| counts(self.tariffs[*site].err()));
        sites.fold(0, |sum: i64, site| sum.saturating_add(self.gives[site][demand]))
    }

    fn shortages(&self) -> Vec<Shortage> {
        let short = self.demands.iter().enumerate().filter_map(|(place, demand)| {
            let available = self.sum(place, |refusal| refusal.is_none());
            let reason = if available >= demand.quantity {
                return None;
            } else if self.sum(place, |refusal| refusal != Some(NoQuote::NoRate)) >= demand.quantity {
                Reason::FreightCurrency
            } else if self.sum(place, |_| true) >= demand.quantity {
                Reason::NoFreightRate
            } else {
                Reason::OutOfStock
            };
            Some(shortage(demand, available, reason))
        });
        short.collect()
    }

    fn refuse_all(&self, reason: Reason) -> Vec<Shortage> {
        self.demands.iter().map(|demand| shortage(demand, 0, reason)).collect()
    }

    fn best_of(&self, groups: impl Iterator<Item = Vec<usize>>) -> Option<Vec<usize>> {
        let priced = groups.filter_map(|group| Some((self.cost(&group)?, group)));
        // `min_by_key` keeps the first of equals, and groups come in the order of rank.
        priced.min_by_key(|(cost, _)| *cost).map(|(_, group)| group)
    }

    /// How good a group is that has everything: the freight, then the parcels
    /// that cross a border. Every site gives what those before it could not.
    fn cost(&self, group: &[usize]) -> Option<(i64, usize)> {
        let mut weights = vec![0; group.len()];
        for (place, demand) in self.demands.iter().enumerate() {
            let mut missing = demand.quantity;
            for (weight, site) in weights.iter_mut().zip(group) {
                let given = missing.min(self.gives[*site][place]);
                *weight += i128::from(demand.weight_mg) * i128::from(given);
                missing -= given;
            }
            if missing > 0 {
                return None;
            }
        }
        let mut parcels = group.iter().zip(weights);
        let freight = parcels.try_fold(0_i64, |sum, (site, weight)| sum.checked_add(self.price(*site, weight).ok()?))?;
        if freight > Money::MOST_PAYABLE {
            return None;
        }
        let abroad = group.iter().filter(|site| self.is_abroad(**site)).count();
        Some((freight, abroad))
    }

    fn plan(&self, group: &[usize]) -> Option<Plan> {
        let (freight, _) = self.cost(group)?;
        let mut missing: Vec<i64> = self.demands.iter().map(|demand| demand.quantity).collect();
        let mut picks = Vec::new();
        for &site in group {
            for ((demand, missing), has) in self.demands.iter().zip(&mut missing).zip(&self.gives[site]) {
                let quantity = *has.min(&*missing);
                *missing -= quantity;
                if quantity > 0 {
                    picks.push(Pick {
                        variant: demand.variant,
                        warehouse: self.sites[site].warehouse,
                        quantity,
                    });
                }
            }
        }
        let freight = match self.terms {
            Terms::Quote { currency, .. } => Some(Money::new(freight, currency)),
            Terms::Agreed { .. } => None,
        };
        Some(Plan { picks, freight })
    }

    /// The site that has most of what is still missing comes next, until nothing is.
    fn one_after_another(&self, candidates: &[usize]) -> Vec<usize> {
        let mut missing: Vec<i64> = self.demands.iter().map(|demand| demand.quantity).collect();
        let mut left = candidates.to_vec();
        let mut group = Vec::new();
        while missing.iter().any(|missing| *missing > 0) {
            let helps = |site: usize| {
                missing
                    .iter()
                    .zip(&self.gives[site])
                    .map(|(want, has)| i128::from(*want.min(has)))
                    .sum::<i128>()
            };
            let Some(next) = (0..left.len()).max_by_key(|place| (helps(left[*place]), std::cmp::Reverse(*place))) else {
                break;
            };
            let site = left.remove(next);
            for (missing, has) in missing.iter_mut().zip(&self.gives[site]) {
                *missing -= *has.min(&*missing);
            }
            group.push(site);
        }
        group
    }
}

fn shortage(demand: &Demand, available: i64, reason: Reason) -> Shortage {
    Shortage {
        variant: demand.variant,
        wanted: demand.quantity,
        available,
        reason,
    }
}

/// What parcels from a site cost; nothing is quoted when the freight is agreed.
fn tariff(site: &Site, terms: Terms) -> Result<Option<Tariff<'_>>, NoQuote> {
    match terms {
        Terms::Quote { to, currency } => site.freight.tariff(to, currency).map(Some),
        Terms::Agreed { .. } => Ok(None),
    }
}

#[cfg(test)]
#[path = "sourcing_tests.rs"]
mod tests;
