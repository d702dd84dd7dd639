//! How many of something each of many may have at once, in this process.

use std::{
    collections::{HashMap, hash_map::Entry},
    hash::Hash,
    sync::{Arc, Mutex},
};

/// All that are taken, by who has them.
pub(crate) struct Shares<K> {
    most: u32,
    taken: Mutex<HashMap<K, u32>>,
}

/// One of them, which counts until this is dropped.
pub(crate) struct Share<K: Copy + Eq + Hash> {
    shares: Arc<Shares<K>>,
    holder: K,
}

impl<K: Copy + Eq + Hash> Shares<K> {
    /// So many for each; 0 is without limit.
    pub(crate) fn new(most: u32) -> Arc<Self> {
        Arc::new(Self {
            most,
            taken: Mutex::default(),
        })
    }

    /// How many each may have.
    pub(crate) fn most(&self) -> u32 {
        self.most
    }

    /// One more for this holder; nothing when it has as many as it may.
    pub(crate) fn take(self: &Arc<Self>, holder: K) -> Option<Share<K>> {
        let mut taken = self.taken.lock().expect("no holder of this lock panics");
        let count = taken.entry(holder).or_default();
        if self.most > 0 && *count >= self.most {
            return None;
        }
        *count += 1;
        let shares = Arc::clone(self);
        Some(Share { shares, holder })
    }
}

impl<K: Copy + Eq + Hash> Drop for Share<K> {
    fn drop(&mut self) {
        let mut taken = self.shares.taken.lock().expect("no holder of this lock panics");
        if let Entry::Occupied(mut count) = taken.entry(self.holder) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }
}
