//! What happened to an order, in order of time: its own steps and the facts of other services.

use kernel::Time;
use serde::{Deserialize, Serialize};

/// How many tracking entries a timeline keeps. Carriers may report for months; the shipment itself keeps everything.
const MOST_TRACKING: usize = 100;

const TRACKING: &str = "tracking:";

/// When something happened, and when we came to know of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    /// By the clock of whoever it happened to.
    pub(crate) happened: Time,
    /// By ours.
    pub(crate) now: Time,
}

impl Moment {
    /// What happens here and now.
    pub(crate) const fn here(now: Time) -> Self {
        Self { happened: now, now }
    }
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry {
    /// Such as `paid`.
    pub(crate) kind: String,
    /// What it refers to, such as a payment or a shipment; may be empty.
    pub(crate) reference: String,
    /// In words or numbers; may be empty.
    pub(crate) detail: String,
    /// When it happened.
    pub(crate) time: Time,
}

/// Entries in order of time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Timeline(Vec<Entry>);

impl Timeline {
    /// Files a step of the order's own where it happened. Its state lets
    /// each happen when it may, so one that comes again has happened again.
    pub(super) fn step(&mut self, kind: &str, reference: impl ToString, time: Time) {
        self.file(entry(kind, reference, "", time));
    }

    /// Files what others tell, where it happened. The same thing told twice stays one entry: what it refers to, such as a payment or a
    /// shipment, has it happen once, whoever tells it when; without a reference, its time tells one from another.
    pub(super) fn hear(&mut self, kind: &str, reference: impl ToString, detail: impl ToString, time: Time) {
        let told = entry(kind, reference, detail, time);
        let alike = |other: &Entry| other.kind == told.kind && other.reference == told.reference && other.detail == told.detail;
        let known = |other: &Entry| alike(other) && (!told.reference.is_empty() || other.time == time);
        if !self.0.iter().any(known) {
            self.file(told);
        }
    }

    fn file(&mut self, entry: Entry) {
        let place = self.0.partition_point(|other| other.time <= entry.time);
        self.0.insert(place, entry);
    }

    /// Files what a carrier reported of a shipment.
    pub(super) fn track(&mut self, status: &str, shipment: &str, time: Time) {
        let tracked = self.0.iter().filter(|entry| entry.detail.starts_with(TRACKING)).count();
        if tracked < MOST_TRACKING {
            self.hear(status, shipment, format!("{TRACKING}{}", time.micros()), time);
        }
    }

    /// Every entry; what only tells entries apart is left out.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&Entry, &str)> {
        self.0.iter().map(|entry| {
            let detail = if entry.detail.starts_with(TRACKING) { "" } else { &entry.detail };
            (entry, detail)
        })
    }
}

fn entry(kind: &str, reference: impl ToString, detail: impl ToString, time: Time) -> Entry {
    Entry {
        kind: kind.to_owned(),
        reference: reference.to_string(),
        detail: detail.to_string(),
        time,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(micros: i64) -> Time {
        Time::from_micros(micros)
    }

    #[test]
    fn entries_stand_where_they_happened_and_once() {
        let mut timeline = Timeline::default();
        timeline.hear("shipped", "shp", "", at(5));
        timeline.hear("paid", "pay", "", at(3));
        timeline.hear("paid", "pay", "", at(4));
        let kinds: Vec<_> = timeline
            .entries()
            .map(|(entry, _)| (entry.kind.as_str(), entry.time.micros()))
            .collect();
        assert_eq!(kinds, [("paid", 3), ("shipped", 5)]);
    }

    #[test]
    fn a_carrier_cannot_make_it_grow_without_end() {
        let mut timeline = Timeline::default();
        for micros in 0..1_000 {
            timeline.track("in_transit", "shp", at(micros));
            timeline.track("in_transit", "shp", at(micros));
        }
        assert_eq!(timeline.entries().count(), MOST_TRACKING);
        assert!(timeline.entries().all(|(_, detail)| detail.is_empty()));
    }
}
