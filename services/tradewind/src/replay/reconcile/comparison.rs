//! Files and system held against each other, figure by figure. Pure: what the
//! system says was found before, and what comes of it is written elsewhere.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use anyhow::Result;

use super::{
    expected,
    fee::{Carried, FeeRate},
    figures::{Figure, Figures},
    found::Found,
    reads::{Seen, StockCount},
};
use crate::replay::{
    files::{FileOrder, Files},
    journal::Books,
};

/// What files and system say, and where they differ.
pub(crate) struct Comparison {
    /// The platform's fee.
    pub(super) fee: FeeRate,
    /// The fees that the system's orders carry.
    pub(super) carried: Carried,
    /// Each in the files, and in the system.
    pub(super) figures: BTreeMap<Figure, (i64, i64)>,
    /// What could not be looked at; what is not in the system as it is in
    /// the files, each with its first difference; and what is in no file.
    pub(super) unlike: Vec<String>,
    /// How many parts of orders the files leave unpaid, and the system has closed for that.
    pub(super) lapsed: usize,
}

impl Comparison {
    /// Compares.
    pub(super) fn of(files: &Files, fee: FeeRate, found: &Found<'_>) -> Result<Self> {
        let lapsed = found.lapsed();
        let stock = expected::stock(files, &lapsed);
        let mut all = Self {
            fee,
            carried: Carried::default(),
            figures: BTreeMap::new(),
            lapsed: lapsed.len(),
            unlike: found.unseen.clone(),
        };
        all.orders(files, &found.orders)?;
        all.strays(found)?;
        all.stock(&stock, &found.stock);
        all.books(found.books);
        for (figure, count) in [
            (Figure::AsideYetReplayed, i64::try_from(found.replayed_yet_set_aside)?),
            (Figure::LedgerViolations, found.violations),
            (Figure::OutboxesWaiting, found.events_waiting),
            (Figure::DeadLetters, found.dead_letters),
        ] {
            all.add(figure, 0, count);
        }
        Ok(all)
    }

    /// Whether all is the same.
    pub(crate) fn agrees(&self) -> bool {
        self.unlike.is_empty() && self.figures.values().all(|(expected, found)| expected == found)
    }

    /// Whether whatever differs is the ledger's, in which others have a part.
    pub(super) fn only_the_ledger_differs(&self) -> bool {
        let of_ledger = |figure: &Figure| {
            matches!(
                figure,
                Figure::LedgerProviders | Figure::LedgerWallets | Figure::LedgerEscrow | Figure::LedgerFees
            )
        };
        let differing = self.figures.iter().filter(|(_, (expected, found))| expected != found);
        let (ledger, others): (Vec<_>, Vec<_>) = differing.map(|(figure, _)| figure).partition(|figure| of_ledger(figure));
        !ledger.is_empty() && others.is_empty()
    }

    fn add(&mut self, figure: Figure, expected: i64, found: i64) {
        let both = self.figures.entry(figure).or_default();
        both.0 += expected;
        both.1 += found;
    }

    fn orders(&mut self, files: &Files, found: &HashMap<&str, Seen>) -> Result<()> {
        let (nothing, mut unlike) = (Seen::default(), 0);
        for order in &files.orders {
            let seen = found.get(order.id.as_str()).unwrap_or(&nothing);
            for (goods, fee) in &seen.fees {
                self.carried.add(*goods, *fee, self.fee)?;
            }
            unlike += i64::from(!self.order(order, &expected::order(order, self.fee)?, &seen.figures));
        }
        self.add(Figure::OrdersUnlikeFiles, 0, unlike);
        self.add(Figure::LinesAtAnotherFee, 0, self.carried.unlike);
        Ok(())
    }

    /// Adds an order to the totals, and says whether it is as it should be: totals may agree where orders do not.
    fn order(&mut self, order: &FileOrder, expected: &Figures, found: &Figures) -> bool {
        for (figure, value) in expected.iter().filter(|(figure, _)| !figure.is_detail()) {
            self.add(figure.clone(), *value, 0);
        }
        for (figure, value) in found.iter().filter(|(figure, _)| !figure.is_detail()) {
            self.add(figure.clone(), 0, *value);
        }
        let all: BTreeSet<&Figure> = expected.keys().chain(found.keys()).collect();
        let value = |figures: &Figures, figure: &Figure| figures.get(figure).copied().unwrap_or_default();
        let differs = all.into_iter().find(|figure| value(expected, figure) != value(found, figure));
        if let Some(figure) = differs {
            let written = |figures| figure.written(value(figures, figure));
            let (expected, found) = (written(expected), written(found));
            let differs = format!("order {}: {figure} {expected} in the files, {found} in the system", order.id);
            self.unlike.push(differs);
        }
        differs.is_none()
    }

    fn strays(&mut self, found: &Found<'_>) -> Result<()> {
        let count = i64::try_from(found.strays.len() + found.customers_unseen)?;
        self.add(Figure::OfNoFile, 0, count);
        self.unlike
            .extend(found.strays.iter().map(|id| format!("{id} is in the system and in no file")));
        Ok(())
    }

    fn stock(&mut self, expected: &BTreeMap<(&str, &str), StockCount>, found: &BTreeMap<(&str, &str), StockCount>) {
        let mut unlike = 0;
        for (of, expected) in expected {
            let counted = found.get(of);
            let there = counted.copied().unwrap_or_default();
            self.add(Figure::StockOnHand, expected.on_hand, there.on_hand);
            self.add(Figure::StockReserved, expected.reserved, there.reserved);
            unlike += i64::from(counted != Some(expected));
        }
        self.add(Figure::StockUnlikeFiles, 0, unlike);
    }

    /// The ledger's own totals: what providers brought is what wallets and escrow hold and what the platform earned.
    fn books(&mut self, found: Books) {
        let expected = |figure| self.figures.get(&figure).map_or(0, |(expected, _)| *expected);
        let (brought, held, earned) = (expected(Figure::Payments), expected(Figure::EscrowHeld), expected(Figure::Fees));
        let kept = expected(Figure::EscrowRefunded) + expected(Figure::EscrowReleased) - earned;
        self.add(Figure::LedgerProviders, -brought, found.provider);
        self.add(Figure::LedgerWallets, kept, found.wallet);
        self.add(Figure::LedgerEscrow, held, found.escrow);
        self.add(Figure::LedgerFees, earned, found.fees);
    }
}

#[cfg(test)]
mod tests;
