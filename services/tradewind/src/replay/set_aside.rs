//! What of the files is not replayed: orders that are set aside, each by a rule, and rows that cannot be read.

use std::collections::{BTreeMap, HashSet};

use super::rows::Row;
use crate::output::say;

/// How many rows are told with file and line.
const TOLD: usize = 10;

/// Orders that are set aside, and why.
#[derive(Default)]
pub(crate) struct SetAside {
    orders: Vec<String>,
    rules: BTreeMap<&'static str, usize>,
    /// Of which orders there are rows that cannot be read.
    noted: HashSet<String>,
    told: Vec<String>,
    rows: usize,
}

impl SetAside {
    /// Sets an order aside by a rule; one whose id cannot be read has an empty one.
    pub(super) fn set(&mut self, rule: &'static str, order: String) {
        self.count(rule);
        if !order.is_empty() {
            self.orders.push(order);
        }
    }

    /// Counts a row that the rule leaves out; its order is there all the same.
    pub(super) fn count(&mut self, rule: &'static str) {
        *self.rules.entry(rule).or_default() += 1;
    }

    /// Notes a row of an order that cannot be read.
    pub(super) fn note<R: Row>(&mut self, line: usize, order: String, why: &str) {
        self.rows += 1;
        if self.told.len() < TOLD {
            self.told.push(format!("{}, line {line}: {why}", R::FILE));
        }
        self.noted.insert(order);
    }

    /// Whether a row of this order cannot be read.
    pub(super) fn is_noted(&self, order: &str) -> bool {
        self.noted.contains(order)
    }

    pub(crate) fn orders(&self) -> &[String] {
        &self.orders
    }

    /// How many orders each rule set aside.
    #[cfg(test)]
    pub(super) fn rules(&self) -> &BTreeMap<&'static str, usize> {
        &self.rules
    }

    /// The rows that are told.
    #[cfg(test)]
    pub(super) fn told(&self) -> &[String] {
        &self.told
    }

    pub(crate) fn tell(&self) {
        for (rule, count) in &self.rules {
            say(format_args!("{count:>7} set aside: {rule}"));
        }
        for row in &self.told {
            say(format_args!("        {row}"));
        }
        if self.rows > self.told.len() {
            say(format_args!("        and {} more rows", self.rows - self.told.len()));
        }
    }
}
