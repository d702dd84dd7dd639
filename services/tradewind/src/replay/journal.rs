//! Which orders were begun and which are done, and what they became: one line each, so that a replay goes on where it stopped, and another
//! one of the same ecosystem can tell its own orders from these.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    fs::{File, OpenOptions, TryLockError},
    io::{Read, Write},
    path::Path,
    sync::Mutex,
};

use anyhow::{Context, Result, bail};

pub(crate) struct Journal {
    inner: Mutex<Inner>,
}

/// What an order of the files became.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Begun {
    /// Who bought, as the files name them.
    pub(crate) customer: String,
    /// "pay_…"
    pub(crate) payment: String,
    /// The orders in the system, each with its seller's organisation.
    pub(crate) placed: Vec<(String, String)>,
}

/// What the books hold, in cents: credits less debits of each kind of account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Books {
    pub(crate) wallet: i64,
    pub(crate) escrow: i64,
    pub(crate) fees: i64,
    /// What providers brought counts against it.
    pub(crate) provider: i64,
}

impl std::ops::Sub for Books {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self {
            wallet: self.wallet - other.wallet,
            escrow: self.escrow - other.escrow,
            fees: self.fees - other.fees,
            provider: self.provider - other.provider,
        }
    }
}

struct Inner {
    file: File,
    /// What was in the books before anything was replayed.
    before: Option<Books>,
    /// By the order in the files.
    begun: HashMap<String, Begun>,
    /// The top-ups that paid for each.
    top_ups: HashMap<String, BTreeSet<String>>,
    done: HashSet<String>,
}

impl Drop for Inner {
    /// A process that is just being forked off has the file, too, and closes it only a moment later: the lock need not wait for that.
    fn drop(&mut self) {
        let _ = self.file.unlock();
    }
}

impl Journal {
    /// Reads what was noted before; refused while another replay notes.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let opened = OpenOptions::new().create(true).append(true).read(true).open(path);
        let mut file = opened.with_context(|| format!("opening {}", path.display()))?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => bail!("another replay is under way: it has {}", path.display()),
            // Where files cannot be locked, whoever starts two at once has to know.
            Ok(()) | Err(TryLockError::Error(_)) => {}
        }
        let mut text = Vec::new();
        file.read_to_end(&mut text)?;
        // A line that was cut off by a crash is as good as none, and the next one is a line of its own.
        if text.last().is_some_and(|last| *last != b'\n') {
            file.write_all(b"\n")?;
        }
        let mut inner = Inner {
            file,
            before: None,
            begun: HashMap::new(),
            top_ups: HashMap::new(),
            done: HashSet::new(),
        };
        for line in String::from_utf8_lossy(&text).lines() {
            inner.know(line);
        }
        Ok(Self { inner: Mutex::new(inner) })
    }

    pub(crate) fn before(&self) -> Option<Books> {
        self.inner().before
    }

    pub(crate) fn begin_with(&self, before: Books) -> Result<()> {
        let Books {
            wallet,
            escrow,
            fees,
            provider,
        } = before;
        self.inner().note(&format!("before {wallet} {escrow} {fees} {provider}"))
    }

    /// Notes what became of an order, before anything is paid.
    pub(crate) fn begin(&self, order: &str, begun: &Begun) -> Result<()> {
        let placed: Vec<String> = begun.placed.iter().map(|(id, seller)| format!("{id}:{seller}")).collect();
        let line = format!("begun {order} {} {} {}", begun.customer, begun.payment, placed.join(" "));
        self.inner().note(&line)
    }

    /// Notes a top-up ("pay_…") that pays for an order.
    pub(crate) fn top_up(&self, order: &str, top_up: &str) -> Result<()> {
        self.inner().note(&format!("topped {order} {top_up}"))
    }

    /// Notes that an order is where the files say.
    pub(crate) fn done(&self, order: &str) -> Result<()> {
        self.inner().note(&format!("done {order}"))
    }

    pub(crate) fn is_done(&self, order: &str) -> bool {
        self.inner().done.contains(order)
    }

    /// The top-ups that paid for an order.
    pub(crate) fn top_ups(&self, order: &str) -> Vec<String> {
        let inner = self.inner();
        inner.top_ups.get(order).into_iter().flatten().cloned().collect()
    }

    /// The orders and top-ups of the system that came from any files.
    pub(crate) fn knows(&self) -> HashSet<String> {
        let inner = self.inner();
        let placed = inner.begun.values().flat_map(|begun| &begun.placed).map(|(id, _)| id.clone());
        placed.chain(inner.top_ups.values().flatten().cloned()).collect()
    }

    /// What this order became, if it was begun.
    pub(crate) fn begun(&self, order: &str) -> Option<Begun> {
        self.inner().begun.get(order).cloned()
    }

    /// Every order that was begun here, of these files or of others.
    pub(crate) fn all_begun(&self) -> HashMap<String, Begun> {
        self.inner().begun.clone()
    }

    fn inner(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().expect("no holder of this lock panics")
    }
}

impl Inner {
    /// Whole lines only, each in one piece: whoever is killed in between leaves nothing half said.
    fn note(&mut self, line: &str) -> Result<()> {
        let line = format!("{line} .\n");
        self.file.write_all(line.as_bytes()).context("writing the replay's journal")?;
        self.know(&line);
        Ok(())
    }

    fn know(&mut self, line: &str) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["before", wallet, escrow, fees, provider, "."] => {
                if let (Ok(wallet), Ok(escrow), Ok(fees), Ok(provider)) = (wallet.parse(), escrow.parse(), fees.parse(), provider.parse()) {
                    self.before = Some(Books {
                        wallet,
                        escrow,
                        fees,
                        provider,
                    });
                }
            }
            ["begun", order, customer, payment, placed @ .., "."] => {
                let placed = placed.iter().filter_map(|placed| placed.split_once(':'));
                let begun = Begun {
                    customer: (*customer).to_owned(),
                    payment: (*payment).to_owned(),
                    placed: placed.map(|(id, seller)| (id.to_owned(), seller.to_owned())).collect(),
                };
                self.begun.insert((*order).to_owned(), begun);
            }
            ["topped", order, top_up, "."] => {
                self.top_ups.entry((*order).to_owned()).or_default().insert((*top_up).to_owned());
            }
            ["done", order, "."] => drop(self.done.insert((*order).to_owned())),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn begun() -> Begun {
        Begun {
            customer: "u1".to_owned(),
            payment: "pay_1".to_owned(),
            placed: vec![("ord_1".to_owned(), "org_1".to_owned()), ("ord_2".to_owned(), "org_2".to_owned())],
        }
    }

    #[test]
    fn a_replay_that_was_killed_at_any_byte_knows_every_whole_line_and_goes_on_after_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("replay.journal");
        let journal = Journal::open(&path).unwrap();
        let before = Books {
            wallet: 7,
            escrow: 5,
            fees: 1,
            provider: -13,
        };
        journal.begin_with(before).unwrap();
        journal.begin("o1", &begun()).unwrap();
        journal.top_up("o1", "pay_2").unwrap();
        journal.done("o1").unwrap();
        drop(journal);
        let whole = fs::read(&path).unwrap();
        for cut in 0..=whole.len() {
            fs::write(&path, &whole[..cut]).unwrap();
            let lines = |journal: &Journal| (journal.before(), journal.begun("o1"), journal.top_ups("o1"), journal.is_done("o1"));
            let journal = Journal::open(&path).unwrap();
            let before = lines(&journal);
            journal.begin("o2", &begun()).unwrap();
            journal.top_up("o2", "pay_3").unwrap();
            journal.done("o2").unwrap();
            drop(journal);
            let again = Journal::open(&path).unwrap();
            assert_eq!(lines(&again), before, "after {cut} bytes");
            assert_eq!((again.begun("o2"), again.is_done("o2")), (Some(begun()), true), "after {cut} bytes");
            assert_eq!(again.top_ups("o2"), ["pay_3"], "after {cut} bytes");
        }
    }

    #[test]
    fn two_replays_do_not_note_side_by_side() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("replay.journal");
        let _first = Journal::open(&path).unwrap();
        let Err(error) = Journal::open(&path) else {
            panic!("two replays note at once")
        };
        assert!(error.to_string().contains("another replay is under way"), "{error}");
    }
}
