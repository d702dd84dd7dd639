//! What the stack's processes cost: their memory and processor time, as the kernel counts them (proc(5)).

use std::{
    collections::{BTreeMap, HashSet},
    fs,
    path::{Path, PathBuf},
};

use anyhow::Result;

/// The unit of times in `/proc/<pid>/stat`: USER_HZ, 100 on every architecture that we know.
const TICKS_PER_S: f64 = 100.0;

/// Every process below one.
pub(crate) struct Processes {
    root: u32,
}

impl Processes {
    /// The children of the process with this id, their children, and so on.
    pub(crate) const fn below(root: u32) -> Self {
        Self { root }
    }

    /// Resident memory in megabytes, by the process's name. What processes share, such as the program's code, counts for each of them.
    pub(crate) fn resident_mb(&self) -> Result<BTreeMap<String, f64>> {
        self.memory_mb("status", "VmRSS:")
    }

    /// The same, with what processes share counted once: what the machine is short of.
    pub(crate) fn proportional_mb(&self) -> Result<BTreeMap<String, f64>> {
        self.memory_mb("smaps_rollup", "Pss:")
    }

    /// Processor time spent so far, in seconds, by the process's name; replicas and connections together.
    pub(crate) fn cpu_s(&self) -> Result<BTreeMap<String, f64>> {
        let mut spent = BTreeMap::new();
        for (name, path) in self.all()? {
            let stat = fs::read_to_string(path.join("stat")).unwrap_or_default();
            let ticks: u64 = after_name(&stat).map_or(0, |fields| {
                // utime and stime: the 14th and 15th field, of which the third is the first here.
                fields
                    .split(' ')
                    .skip(11)
                    .take(2)
                    .filter_map(|field| field.parse::<u64>().ok())
                    .sum()
            });
            *spent.entry(name).or_default() += ticks as f64 / TICKS_PER_S;
        }
        Ok(spent)
    }

    fn memory_mb(&self, file: &str, line: &str) -> Result<BTreeMap<String, f64>> {
        let mut memory = BTreeMap::new();
        for (name, path) in self.all()? {
            let lines = fs::read_to_string(path.join(file)).unwrap_or_default();
            let found = lines.lines().find_map(|told| told.strip_prefix(line));
            let kilobytes: f64 = found
                .and_then(|line| line.trim().split(' ').next()?.parse().ok())
                .unwrap_or_default();
            *memory.entry(name).or_default() += kilobytes / 1_024.0;
        }
        Ok(memory)
    }

    /// Each of them: its name, and its folder below `/proc`.
    fn all(&self) -> Result<Vec<(String, PathBuf)>> {
        let mut ours = HashSet::from([self.root]);
        let mut known = Vec::new();
        for entry in fs::read_dir("/proc")?.filter_map(Result::ok) {
            let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else {
                continue;
            };
            let Ok(stat) = fs::read_to_string(entry.path().join("stat")) else {
                continue;
            };
            let parent = after_name(&stat)
                .and_then(|fields| fields.split(' ').nth(1))
                .and_then(|parent| parent.parse().ok());
            known.push((pid, parent.unwrap_or(0), entry.path()));
        }
        // A parent is older than its children, so it comes before them.
        known.sort_unstable_by_key(|(pid, ..)| *pid);
        let mut found = Vec::new();
        for (pid, parent, path) in known {
            if ours.contains(&parent) {
                ours.insert(pid);
                found.extend(name_of(&path).map(|name| (name, path)));
            }
        }
        Ok(found)
    }
}

/// What our own processes have together, the database and the broker apart.
pub(crate) fn of_ours(memory_mb: &BTreeMap<String, f64>) -> f64 {
    let ours = memory_mb
        .iter()
        .filter(|(name, _)| !["postgres", "nats-server"].contains(&name.as_str()));
    ours.map(|(_, mb)| mb).sum()
}

/// What follows the process's name in `/proc/<pid>/stat`, which may itself contain spaces.
fn after_name(stat: &str) -> Option<&str> {
    stat.rsplit_once(") ").map(|(_, fields)| fields)
}

/// A service by its name, everything else by its program, of which PostgreSQL
/// says what it does after a colon. What has just ended has no name.
fn name_of(process: &Path) -> Option<String> {
    let line = fs::read_to_string(process.join("cmdline")).ok()?;
    let words: Vec<&str> = line.split('\0').collect();
    let name = match words.as_slice() {
        [_, "serve", service, ..] => service,
        [program, ..] => program.rsplit('/').next()?.split(':').next()?,
        [] => return None,
    };
    (!name.is_empty()).then(|| name.to_owned())
}
