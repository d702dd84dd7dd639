//! What is up, drawn in place on a terminal and told line by line elsewhere, and what is said below it.

use std::{
    collections::BTreeMap,
    fs,
    io::{IsTerminal, Write},
};

use tokio::process::Child;

use super::{Watched, say};

/// The processes that are up.
#[derive(Default)]
pub(super) struct Table {
    /// How many lines above the cursor the table begins; 0 when something else was written since.
    drawn: usize,
    /// What was told last of each process, where there is no terminal.
    told: BTreeMap<String, String>,
    /// What was said since [`Table::forget`].
    said: Vec<String>,
}

impl Table {
    pub(super) fn draw(&mut self, watched: &[Watched], ready: bool) {
        let rows = watched.iter().map(|one| (one.process.name(), row(one, ready)));
        if !std::io::stdout().is_terminal() {
            for (name, row) in rows {
                if self.told.get(&name) != Some(&row.1) {
                    say(&row.0);
                    self.told.insert(name, row.1);
                }
            }
            return;
        }
        if self.drawn > 0 {
            print!("\x1b[{}A", self.drawn);
        }
        let mut lines = vec![format!(
            "{:<14}{:>8}{:>8}  {:<9}{:>9}{:>10}",
            "service", "pid", "port", "state", "restarts", "memory"
        )];
        lines.extend(rows.map(|(_, (row, _))| row));
        for line in &lines {
            println!("\x1b[2K{line}");
        }
        self.drawn = lines.len();
        let _ = std::io::stdout().flush();
    }

    /// Says something below the table.
    pub(super) fn say(&mut self, line: &str) {
        say(line);
        self.below();
    }

    /// Says something that is the case every second, but not every second.
    pub(super) fn say_once(&mut self, line: &str) {
        if !self.said.iter().any(|said| said == line) {
            self.say(line);
            self.said.push(line.to_owned());
        }
    }

    /// It is not the case any more, and would be news again.
    pub(super) fn forget(&mut self) {
        self.said.clear();
    }

    /// Other lines were written below: the next table is a new one.
    pub(super) fn below(&mut self) {
        self.drawn = 0;
    }
}

/// The line of a process, and the part of it whose change is worth a new line where there is no terminal.
fn row(one: &Watched, ready: bool) -> (String, String) {
    let pid = one.child.as_ref().and_then(Child::id);
    let state = match (pid, ready) {
        (None, _) => "down",
        (Some(_), false) => "starting",
        (Some(_), true) => "up",
    };
    let memory = pid.and_then(resident_mb).map_or_else(String::new, |mb| format!("{mb} MB"));
    let shown = pid.map_or_else(String::new, |pid| pid.to_string());
    let line = format!(
        "{:<14}{shown:>8}{:>8}  {state:<9}{:>9}{memory:>10}",
        one.process.name(),
        one.process.port,
        one.restarts
    );
    (line, format!("{state} {shown}"))
}

/// Resident memory, from /proc.
fn resident_mb(pid: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().split(' ').next()?.parse::<u64>().ok().map(|kb| kb / 1_024)
}
