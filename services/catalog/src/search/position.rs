//! How far an index has followed the stream. It stands in the payload of each commit, so that it is true whenever the documents are.

use std::fmt;

use events::History;
use kernel::{ProductId, Time, uuid::Uuid};

/// The last event of which stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Position {
    /// When the stream was made.
    pub(crate) stream: Time,
    /// The sequence of the last event that the index knows.
    pub(crate) sequence: u64,
    /// The product that changed last, and its version since then, by which
    /// the index knows its database again; nothing when it has no product.
    pub(crate) newest: Option<(ProductId, i64)>,
}

impl Position {
    /// Whether the stream still has everything that follows.
    pub(crate) fn can_go_on(self, history: History) -> bool {
        self.stream == history.created && self.sequence <= history.last && self.sequence + 1 >= history.first
    }

    /// What [`fmt::Display`] wrote; nothing when it was something else.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        let (stream, sequence) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
        let newest = match words.next() {
            Some(product) => Some((ProductId::from_uuid(product.parse::<Uuid>().ok()?), words.next()?.parse().ok()?)),
            None => None,
        };
        Some(Self {
            stream: Time::from_micros(stream),
            sequence,
            newest,
        })
    }
}

impl fmt::Display for Position {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", self.stream.micros(), self.sequence)?;
        match self.newest {
            Some((product, version)) => write!(out, " {} {version}", product.uuid()),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_goes_on_only_where_nothing_is_missing() {
        let history = History {
            created: Time::from_micros(5),
            first: 10,
            last: 20,
        };
        let at = |stream, sequence| Position {
            stream: Time::from_micros(stream),
            sequence,
            newest: None,
        };
        assert!([9, 10, 20].iter().all(|&sequence| at(5, sequence).can_go_on(history)));
        assert!(!at(5, 8).can_go_on(history), "event 9 is gone");
        assert!(!at(5, 21).can_go_on(history), "the stream has lost what we know");
        assert!(!at(6, 15).can_go_on(history), "another stream");
    }

    #[test]
    fn a_position_survives_its_text() {
        for newest in [None, Some((ProductId::from_uuid(Uuid::from_u128(7)), 3))] {
            let position = Position {
                stream: Time::from_micros(1_700_000_000_000_000),
                sequence: 42,
                newest,
            };
            assert_eq!(Position::read(&position.to_string()), Some(position));
        }
        for unknown in ["", "nothing", "5", "5 6 7", "5 6 00000000-0000-0000-0000-000000000007"] {
            assert_eq!(Position::read(unknown), None);
        }
    }
}
