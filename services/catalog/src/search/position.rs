//! How far an index has followed the stream. It stands in the payload of each commit, so that it is true whenever the documents are.

use std::{fmt, str::FromStr};

use events::History;
use kernel::Time;

/// The last event of which stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Position {
    /// When the stream was made.
    pub(crate) stream: Time,
    /// The sequence of the last event that the index knows.
    pub(crate) sequence: u64,
}

impl Position {
    /// Whether the stream still has everything that follows.
    pub(crate) fn can_go_on(self, history: History) -> bool {
        self.stream == history.created && self.sequence <= history.last && self.sequence + 1 >= history.first
    }
}

impl fmt::Display for Position {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", self.stream.micros(), self.sequence)
    }
}

impl FromStr for Position {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (stream, sequence) = text.split_once(' ').unwrap_or((text, ""));
        Ok(Self {
            stream: Time::from_micros(stream.parse()?),
            sequence: sequence.parse()?,
        })
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
        };
        assert!([9, 10, 20].iter().all(|&sequence| at(5, sequence).can_go_on(history)));
        assert!(!at(5, 8).can_go_on(history), "event 9 is gone");
        assert!(!at(5, 21).can_go_on(history), "the stream has lost what we know");
        assert!(!at(6, 15).can_go_on(history), "another stream");
    }

    #[test]
    fn a_position_survives_its_text() {
        let position = Position {
            stream: Time::from_micros(1_700_000_000_000_000),
            sequence: 42,
        };
        assert_eq!(position.to_string().parse(), Ok(position));
        assert!("nothing".parse::<Position>().is_err());
    }
}
