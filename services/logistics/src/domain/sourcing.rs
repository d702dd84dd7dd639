//! Sourcing: which warehouses an order comes from.
//!
//! Fewest parcels first: one warehouse, else two, else three, else one after another, the fullest first. Among equals the cheapest freight, then
//! the fewest parcels that cross a border, then the order of warehouse ids, so that the same question always has the same answer.

use kernel::{Currency, Money, VariantId, WarehouseId};
use serde::{Deserialize, Serialize};

use super::{Country, NoQuote, Site};

/// Beyond so many warehouses that could take part, three at a time are not tried out (40 give 9,880 threes).
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
    let best = problem.best_of(ones(&candidates)).or_else(|| problem.best_of(twos(&candidates)));
    let best = best.or_else(|| match candidates.len() {
        0..=MOST_FOR_THREES => problem.best_of(threes(&candidates)),
        _ => None,
    });
    // The price of a parcel can be beyond 64 bits; no freight table was made for that weight.
    best.or_else(|| problem.one_after_another(&candidates))
        .map(|found| found.plan)
        .ok_or_else(|| problem.refuse_all(Reason::NoFreightRate))
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
    /// Whether each site ships there at all.
    ships: Vec<Result<(), NoQuote>>,
}

/// A plan and how good it is: the freight, then the parcels that cross a border.
struct Found {
    plan: Plan,
    cost: (i64, usize),
}

impl<'a> Problem<'a> {
    fn new(demands: &'a [Demand], sites: &'a [Site], terms: Terms, available: impl Fn(VariantId, WarehouseId) -> i64) -> Self {
        let give = |site: &Site, demand: &Demand| available(demand.variant, site.warehouse).clamp(0, demand.quantity);
        Self {
            gives: sites
                .iter()
                .map(|site| demands.iter().map(|demand| give(site, demand)).collect())
                .collect(),
            ships: sites.iter().map(|site| quote(site, terms, 0).map(drop)).collect(),
            demands,
            sites,
            terms,
        }
    }

    fn can_take_part(&self, site: usize) -> bool {
        self.ships[site].is_ok() && self.gives[site].iter().any(|pieces| *pieces > 0)
    }

    /// Who is asked first: who would be the cheapest for the whole order, then the nearest.
    fn rank(&self, site: usize) -> (i64, bool, WarehouseId) {
        let whole = self.weight(self.demands.iter().map(|demand| demand.quantity));
        let price = quote(&self.sites[site], self.terms, whole).map_or(i64::MAX, |freight| freight.map_or(0, Money::minor_units));
        (price, self.is_abroad(site), self.sites[site].warehouse)
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

    fn sum(&self, demand: usize, counts: impl Fn(Result<(), NoQuote>) -> bool) -> i64 {
        let sites = (0..self.sites.len()).filter(|site| counts(self.ships[*site]));
        sites.fold(0, |sum: i64, site| sum.saturating_add(self.gives[site][demand]))
    }

    fn shortages(&self) -> Vec<Shortage> {
        let short = self.demands.iter().enumerate().filter_map(|(place, demand)| {
            let available = self.sum(place, |ships| ships.is_ok());
            let reason = if available >= demand.quantity {
                return None;
            } else if self.sum(place, |ships| ships != Err(NoQuote::NoRate)) >= demand.quantity {
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

    fn best_of(&self, groups: impl Iterator<Item = Vec<usize>>) -> Option<Found> {
        // `min_by_key` keeps the first of equals, and groups come in the order of rank.
        groups.filter_map(|group| self.fill(&group)).min_by_key(|found| found.cost)
    }

    /// Every site gives what those before it could not.
    fn fill(&self, group: &[usize]) -> Option<Found> {
        let mut missing: Vec<i64> = self.demands.iter().map(|demand| demand.quantity).collect();
        let mut picks = Vec::new();
        let mut parcels = Vec::with_capacity(group.len());
        for &site in group {
            let given: Vec<i64> = missing.iter().zip(&self.gives[site]).map(|(want, has)| *want.min(has)).collect();
            for ((demand, missing), quantity) in self.demands.iter().zip(&mut missing).zip(&given) {
                *missing -= quantity;
                if *quantity > 0 {
                    picks.push(Pick {
                        variant: demand.variant,
                        warehouse: self.sites[site].warehouse,
                        quantity: *quantity,
                    });
                }
            }
            parcels.push(quote(&self.sites[site], self.terms, self.weight(given)).ok()?);
        }
        if missing.iter().any(|missing| *missing > 0) {
            return None;
        }
        let freight = match self.terms {
            Terms::Quote { currency, .. } => Some(Money::sum(currency, parcels.into_iter().flatten()).ok()?),
            Terms::Agreed { .. } => None,
        };
        let abroad = group.iter().filter(|site| self.is_abroad(**site)).count();
        Some(Found {
            cost: (freight.map_or(0, Money::minor_units), abroad),
            plan: Plan { picks, freight },
        })
    }

    /// The site that has most of what is still missing comes next, until nothing is.
    fn one_after_another(&self, candidates: &[usize]) -> Option<Found> {
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
            let next = (0..left.len()).max_by_key(|place| (helps(left[*place]), std::cmp::Reverse(*place)))?;
            let site = left.remove(next);
            for (missing, has) in missing.iter_mut().zip(&self.gives[site]) {
                *missing -= *has.min(&*missing);
            }
            group.push(site);
        }
        self.fill(&group)
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

/// What a parcel costs; nothing is quoted when the freight is agreed.
fn quote(site: &Site, terms: Terms, weight_mg: i128) -> Result<Option<Money>, NoQuote> {
    match terms {
        Terms::Quote { to, currency } => site.freight.quote(to, weight_mg, currency).map(Some),
        Terms::Agreed { .. } => Ok(None),
    }
}

#[cfg(test)]
#[path = "sourcing_tests.rs"]
mod tests;
