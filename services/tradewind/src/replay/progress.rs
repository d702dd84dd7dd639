//! Which orders are done, and what they became: one line each, written as they are done, so that a replay goes on where it stopped.

use std::{
    collections::HashMap,
    fs::{File, OpenOptions},
    io::{BufRead, BufReader, Write},
    path::Path,
    sync::Mutex,
};

use anyhow::{Context, Result};

pub(crate) struct Progress {
    inner: Mutex<Inner>,
}

struct Inner {
    file: File,
    /// The orders in the system, by the order in the files.
    done: HashMap<String, Vec<String>>,
}

impl Progress {
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let file = OpenOptions::new()
            .create(true)
            .append(true)
            .read(true)
            .open(path)
            .with_context(|| format!("opening {}", path.display()))?;
        let mut done = HashMap::new();
        for line in BufReader::new(&file).lines() {
            let line = line?;
            // A line that was cut off by a crash is as good as none.
            if let Some((order, placed)) = line.strip_suffix('.').and_then(|line| line.split_once(' ')) {
                done.insert(order.to_owned(), placed.split(' ').map(str::to_owned).collect());
            }
        }
        Ok(Self {
            inner: Mutex::new(Inner { file, done }),
        })
    }

    pub(crate) fn is_done(&self, order: &str) -> bool {
        self.inner.lock().expect("no holder of this lock panics").done.contains_key(order)
    }

    pub(crate) fn done(&self, order: &str, placed: &[String]) -> Result<()> {
        let mut inner = self.inner.lock().expect("no holder of this lock panics");
        writeln!(inner.file, "{order} {}.", placed.join(" "))?;
        inner.done.insert(order.to_owned(), placed.to_vec());
        Ok(())
    }

    /// The orders in the system that this one became.
    pub(crate) fn placed(&self, order: &str) -> Vec<String> {
        self.inner
            .lock()
            .expect("no holder of this lock panics")
            .done
            .get(order)
            .cloned()
            .unwrap_or_default()
    }
}
