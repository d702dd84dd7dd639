//! Counting the values of what matches, to narrow a search down by.

use std::collections::HashMap;

use tantivy::{
    DocId, Score, SegmentOrdinal, SegmentReader,
    collector::{Collector, SegmentCollector},
    columnar::StrColumn,
};

/// How many values of one name are told.
const MOST_VALUES: usize = 50;

/// Counts the documents, and how many of them have which value of each name.
pub(super) struct Counter {
    /// Names of columns.
    columns: Vec<String>,
}

/// How many documents there are, and the most frequent values of each column with theirs.
pub(super) struct Counts {
    pub(super) documents: u64,
    pub(super) columns: Vec<Vec<(String, u64)>>,
}

pub(super) struct Tally {
    documents: u64,
    columns: Vec<Option<(StrColumn, Vec<u32>)>>,
}

type ByValue = HashMap<String, u64>;

impl Counter {
    pub(super) fn new(columns: Vec<String>) -> Self {
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

    fn for_segment(&self, _: SegmentOrdinal, segment: &SegmentReader) -> tantivy::Result<Tally> {
        let open = |name: &String| {
            let column = segment.fast_fields().str(name)?;
            Ok(column.map(|column| {
                let counts = vec![0; column.num_terms()];
                (column, counts)
            }))
        };
        Ok(Tally {
            documents: 0,
            columns: self.columns.iter().map(open).collect::<tantivy::Result<_>>()?,
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
    let mut values: Vec<(String, u64)> = values.into_iter().collect();
    values.sort_unstable_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
    values.truncate(MOST_VALUES);
    values
}

impl SegmentCollector for Tally {
    type Fruit = (u64, Vec<ByValue>);

    fn collect(&mut self, document: DocId, _: Score) {
        self.documents += 1;
        for (column, counts) in self.columns.iter_mut().flatten() {
            for value in column.ords().values_for_doc(document) {
                counts[value as usize] += 1;
            }
        }
    }

    fn harvest(self) -> Self::Fruit {
        let named = |(column, counts): (StrColumn, Vec<u32>)| {
            let counted = counts.into_iter().enumerate().filter(|(_, count)| *count > 0);
            let mut value = String::new();
            let named = counted.filter_map(|(place, count)| {
                value.clear();
                let found = column.ord_to_str(place as u64, &mut value).unwrap_or(false);
                found.then(|| (value.clone(), u64::from(count)))
            });
            named.collect::<ByValue>()
        };
        let columns = self.columns.into_iter().map(|column| column.map(named).unwrap_or_default());
        (self.documents, columns.collect())
    }
}
