//! What a lane remembers of the rows that it wrote or read lately, so that it need not ask for them again.
//!
//! A transaction takes a row out and puts it back once it has committed, so that whatever goes wrong, nothing
//! doubtful stays. Another lane or replica may have changed a row since: then the statement that relies on
//! its version fails, and the updates are carried out on the row as it is.

use std::{any::Any, collections::HashMap};

use uuid::Uuid;

use crate::{Aggregate, Stored};

/// At least so many of the rows of a kind that were used last are remembered, and at most twice as many.
const RECENT: usize = 1_024;

/// The rows of all kinds.
#[derive(Default)]
pub(crate) struct Memory {
    kinds: HashMap<&'static str, Box<dyn Any + Send>>,
}

impl Memory {
    pub(crate) fn of<A: Aggregate>(&mut self) -> &mut Recent<A> {
        let recent = self.kinds.entry(A::KIND).or_insert_with(|| Box::new(Recent::<A>::default()));
        recent.downcast_mut().expect("kinds are unique within a service")
    }
}

/// The rows of one kind: when the young are too many they become the old, and the old are forgotten.
pub(crate) struct Recent<A> {
    young: HashMap<Uuid, Stored<A>>,
    old: HashMap<Uuid, Stored<A>>,
}

impl<A> Default for Recent<A> {
    fn default() -> Self {
        Self {
            young: HashMap::new(),
            old: HashMap::new(),
        }
    }
}

impl<A> Recent<A> {
    pub(crate) fn take(&mut self, id: Uuid) -> Option<Stored<A>> {
        self.young.remove(&id).or_else(|| self.old.remove(&id))
    }

    pub(crate) fn put(&mut self, id: Uuid, stored: Stored<A>) {
        if self.young.len() == RECENT {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(id, stored);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_used_lately_stays_and_what_was_not_is_forgotten() {
        let mut recent = Recent::default();
        for id in 0..3 * RECENT as u128 {
            recent.put(Uuid::from_u128(id), Stored::new(1, id));
            let first = recent.take(Uuid::nil()).expect("it is used all the time");
            recent.put(Uuid::nil(), first);
        }
        assert_eq!(recent.take(Uuid::from_u128(1)), None);
        assert_eq!(
            recent.take(Uuid::from_u128(3 * RECENT as u128 - 1)).map(Stored::into_inner),
            Some(3 * RECENT as u128 - 1)
        );
        assert!(recent.young.len() + recent.old.len() <= 2 * RECENT);
    }
}
