//! A comparison written down: a row for each figure, and what differs by name.

use std::fmt;

use super::{comparison::Comparison, figures::Figure};

/// How many orders that differ are named.
const NAMED: usize = 10;

impl fmt::Display for Comparison {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = self.rows();
        let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or_default();
        let (names, files, system) = (width(0), width(1), width(2));
        for [name, expected, found, mark] in &rows {
            writeln!(out, "{name:<names$}  {expected:>files$}  {found:>system$}{mark}")?;
        }
        if self.lapsed > 0 {
            writeln!(
                out,
                "{} of the orders PLACED were closed by now, for nobody paid in time",
                self.lapsed
            )?;
        }
        if let Some(differs) = self.carried.differs(self.fee) {
            writeln!(out, "{differs}")?;
        }
        for differs in self.unlike.iter().take(NAMED) {
            writeln!(out, "{differs}")?;
        }
        if self.unlike.len() > NAMED {
            writeln!(out, "and {} more", self.unlike.len() - NAMED)?;
        }
        if self.only_the_ledger_differs() {
            writeln!(
                out,
                "the ledger's lines are of everything in their currency: what others moved since the replay began is among them"
            )?;
        }
        write!(out, "\nfiles and system {}", if self.agrees() { "agree" } else { "differ" })
    }
}

impl Comparison {
    /// Names, what the files say, what the system says, and whether that differs.
    fn rows(&self) -> Vec<[String; 4]> {
        let mut rows = vec![[String::new(), "files".to_owned(), "system".to_owned(), String::new()]];
        for (figure, (expected, found)) in &self.figures {
            let name = match figure {
                Figure::Fees => format!("{figure} at {}", self.fee),
                figure => figure.to_string(),
            };
            let mark = if expected == found { "" } else { "   <- differs" };
            rows.push([name, figure.written(*expected), figure.written(*found), mark.to_owned()]);
        }
        rows
    }
}
