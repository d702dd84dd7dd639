//! What is up, drawn in place on a terminal and told line by line elsewhere, and what is said below it.

use std::{collections::BTreeMap, fs, io::IsTerminal};

use crate::output::say;

/// How one process is.
pub(super) struct Row<'p> {
    pub(super) name: &'p str,
    pub(super) pid: Option<u32>,
    pub(super) port: u16,
    /// Such as "up".
    pub(super) state: &'static str,
    pub(super) restarts: u32,
}

/// The processes, as they were when they were last looked at.
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
    pub(super) fn draw(&mut self, rows: &[Row]) {
        if !std::io::stdout().is_terminal() {
            for row in rows {
                // Where there is no terminal, memory alone is no news.
                let news = format!("{} {:?}", row.state, row.pid);
                if self.told.get(row.name) != Some(&news) {
                    say(row.line());
                    self.told.insert(row.name.to_owned(), news);
                }
            }
            return;
        }
        let over = if self.drawn > 0 {
            format!("\x1b[{}A", self.drawn)
        } else {
            String::new()
        };
        let mut lines = vec![format!(
            "{:<14}{:>8}{:>8}  {:<9}{:>9}{:>10}",
            "process", "pid", "port", "state", "restarts", "memory"
        )];
        lines.extend(rows.iter().map(Row::line));
        say(format_args!("{over}\x1b[2K{}", lines.join("\n\x1b[2K")));
        self.drawn = lines.len();
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

impl Row<'_> {
    fn line(&self) -> String {
        let memory = self.pid.and_then(resident_mb).map_or_else(String::new, |mb| format!("{mb} MB"));
        let pid = self.pid.map_or_else(String::new, |pid| pid.to_string());
        let Self {
            name,
            port,
            state,
            restarts,
            ..
        } = self;
        format!("{name:<14}{pid:>8}{port:>8}  {state:<9}{restarts:>9}{memory:>10}")
    }
}

/// Resident memory, from /proc.
fn resident_mb(pid: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().split(' ').next()?.parse::<u64>().ok().map(|kb| kb / 1_024)
}
