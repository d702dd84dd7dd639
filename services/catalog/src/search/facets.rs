//! Counting the values of what matches, to narrow a search down by.

use std::{collections::HashMap, sync::Arc};

use tantivy::{
    DocId, Score, SegmentOrdinal, SegmentReader,
    collector::{Collector, SegmentCollector},
};

use super::view::Texts;

/// How many values of one facet are listed.
const MOST_VALUES: usize = 50;

/// Counts the documents, and how many of them have which value of each name.
#[derive(Clone)]
pub(super) struct Counter {
    /// For each name its values in each segment.
    columns: Vec<Vec<Option<Arc<Texts>>>>,
}

/// How many documents there are, and the most frequent values of each column with theirs.
pub(super) struct Counts {
    pub(super) documents: u64,
    pub(super) columns: Vec<Vec<(String, u64)>>,
}

pub(super) struct Tally {
    documents: u64,
    columns: Vec<Option<(Arc<Texts>, Vec<u32>)>>,
}

type ByValue = HashMap<Arc<str>, u64>;

impl Counter {
    pub(super) fn new(columns: Vec<Vec<Option<Arc<Texts>>>>) -> Self {
        Self { columns }
    }
}

/// The column of an attribute. Dots and backslashes would be taken for steps of a path.
pub(super) fn attribute_column(name: &str) -> String {
    format!("facets.{}", escaped(name))
}

/// A name as a single step of a JSON path.
pub(super) fn escaped(name: &str) -> String {
    name.replace('\\', "\\\\").replace('.', "\\.")
}

impl Collector for Counter {
    type Fruit = Counts;
    type Child = Tally;

    fn for_segment(&self, place: SegmentOrdinal, _: &SegmentReader) -> tantivy::Result<Tally> {
        let none_yet = |texts: &Arc<Texts>| (Arc::clone(texts), vec![0; texts.values.len()]);
        Ok(Tally {
            documents: 0,
            columns: self
                .columns
                .iter()
                .map(|column| column[place as usize].as_ref().map(none_yet))
                .collect(),
        })
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(&self, segments: Vec<(u64, Vec<ByValue>)>) -> tantivy::Result<Counts> {
        let mut documents = 0;
        let mut columns = vec![ByValue::new(); self.columns.len()];
        for (count, values) in segments {
            documents += count;
            for (column, values) in columns.iter_mut().zip(values) {
                for (value, count) in values {
                    *column.entry(value).or_default() += count;
                }
            }
        }
        Ok(Counts {
            documents,
            columns: columns.into_iter().map(most_frequent).collect(),
        })
    }
}

fn most_frequent(values: ByValue) -> Vec<(String, u64)> {
    let mut values: Vec<(Arc<str>, u64)> = values.into_iter().collect();
    values.sort_unstable_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
    values.truncate(MOST_VALUES);
    values
        .into_iter()
        .map(|(value, count)| (value.as_ref().to_owned(), count))
        .collect()
}

impl SegmentCollector for Tally {
    type Fruit = (u64, Vec<ByValue>);

    fn collect(&mut self, document: DocId, _: Score) {
        self.documents += 1;
        for (texts, counts) in self.columns.iter_mut().flatten() {
            for value in texts.of(document) {
                counts[value] += 1;
            }
        }
    }

    fn harvest(self) -> Self::Fruit {
        let named = |(texts, counts): (Arc<Texts>, Vec<u32>)| {
            let counted = texts.values.iter().zip(counts).filter(|(_, count)| *count > 0);
            counted.map(|(value, count)| (Arc::clone(value), u64::from(count))).collect()
        };
        let columns = self.columns.into_iter().map(|column| column.map(named).unwrap_or_default());
        (self.documents, columns.collect())
    }
}
