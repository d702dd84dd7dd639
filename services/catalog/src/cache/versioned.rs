//! A bounded map whose slots never go back to an older version.

use std::{hash::Hash, sync::Arc};

use kernel::Time;
use moka::{ops::compute::Op, sync::Cache};

/// What a slot takes up beside its value, in bytes.
const SLOT: usize = 100;

/// Values by key and version, as many as their weights allow.
pub(crate) struct Versioned<K, V: Send + Sync + 'static> {
    slots: Cache<K, Slot<V>>,
}

struct Slot<V> {
    /// The value's version; without a value, the least one that may take the slot.
    version: i64,
    value: Option<Arc<V>>,
    /// When the database was asked.
    read: Time,
}

impl<V> Clone for Slot<V> {
    fn clone(&self) -> Self {
        Self {
            version: self.version,
            value: self.value.clone(),
            read: self.read,
        }
    }
}

impl<K, V> Versioned<K, V>
where
    K: Hash + Eq + Copy + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    /// As many values as take up no more bytes than this together.
    pub(crate) fn new(capacity: u64, weigh: impl Fn(&V) -> usize + Send + Sync + 'static) -> Self {
        let weigher = move |_: &K, slot: &Slot<V>| {
            let bytes = SLOT + slot.value.as_ref().map_or(0, |value| weigh(value));
            u32::try_from(bytes).unwrap_or(u32::MAX)
        };
        Self {
            slots: Cache::builder().max_capacity(capacity).weigher(weigher).build(),
        }
    }

    /// The value, unless the database was asked for it before `oldest`.
    pub(crate) fn get(&self, key: &K, oldest: Time) -> Option<Arc<V>> {
        self.slots.get(key).filter(|slot| slot.read >= oldest)?.value
    }

    /// What the database said when it was asked at `read`, unless a newer version is known.
    pub(crate) fn put(&self, key: K, version: i64, value: Arc<V>, read: Time) {
        let slot = Slot {
            version,
            value: Some(value),
            read,
        };
        self.replace(key, slot, |known| known.version > version);
    }

    /// Drops what is older than this version, and does not take it back from a read that is still under way.
    pub(crate) fn outdate(&self, key: K, version: i64, now: Time) {
        let slot = Slot {
            version,
            value: None,
            read: now,
        };
        self.replace(key, slot, |known| known.version >= version);
    }

    fn replace(&self, key: K, slot: Slot<V>, keep: impl Fn(&Slot<V>) -> bool) {
        self.slots.entry(key).and_compute_with(|known| match known {
            Some(known) if keep(known.value()) => Op::Nop,
            Some(_) | None => Op::Put(slot),
        });
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn map() -> Versioned<u32, &'static str> {
        Versioned::new(1_000, |_| 1)
    }

    #[test]
    fn an_older_version_never_replaces_a_newer_one() {
        let (map, now) = (map(), Time::from_micros(1_000_000));
        map.put(7, 2, Arc::new("new"), now);
        map.put(7, 1, Arc::new("old"), now);
        assert_eq!(map.get(&7, now).as_deref(), Some(&"new"));
    }

    #[test]
    fn a_read_that_began_before_a_change_cannot_bring_the_old_value_back() {
        let (map, now) = (map(), Time::from_micros(1_000_000));
        map.put(7, 1, Arc::new("old"), now);
        map.outdate(7, 2, now);
        assert_eq!(map.get(&7, now), None);
        map.put(7, 1, Arc::new("old"), now);
        assert_eq!(map.get(&7, now), None);
        map.put(7, 2, Arc::new("new"), now);
        map.outdate(7, 2, now);
        assert_eq!(map.get(&7, now).as_deref(), Some(&"new"));
    }

    #[test]
    fn what_was_read_too_long_ago_is_not_served() {
        let (map, now) = (map(), Time::from_micros(1_000_000));
        map.put(7, 1, Arc::new("value"), now);
        assert_eq!(map.get(&7, now.plus(Duration::from_micros(1))), None);
        map.put(7, 1, Arc::new("value"), now.plus(Duration::from_secs(1)));
        assert!(map.get(&7, now.plus(Duration::from_secs(1))).is_some());
    }
}
