//! The aggregates of one kind within one transaction.

use std::{
    any::Any,
    collections::{BTreeMap, HashMap},
    panic::resume_unwind,
};

use futures::future::BoxFuture;
use sea_orm::{DatabaseConnection, DatabaseExecutor, DatabaseTransaction, EntityTrait};
use uuid::Uuid;

use crate::{Aggregate, Stored, broken::Broken, bulk, memory::Memory, writes::Writes};

/// A shelf without its type: what the lane needs.
pub(crate) trait AnyShelf: Send + Sync {
    /// Names an aggregate that a job may touch; it is fresh when the job expects to add it.
    fn want(&mut self, id: Uuid, fresh: bool);
    /// Takes what is wanted as it is remembered, and looks for the rest but for fresh ids; nothing is locked.
    fn recall<'a>(&'a mut self, db: &'a DatabaseConnection, memory: &'a mut Memory) -> BoxFuture<'a, Result<(), Broken>>;
    /// Forgets what is wanted, loads it and locks it, in the order of ids.
    fn lock<'a>(&'a mut self, tx: &'a DatabaseTransaction, memory: &'a mut Memory) -> BoxFuture<'a, Result<(), Broken>>;
    /// Whether a row that was not there when we looked is there now.
    fn has_appeared<'a>(&'a self, tx: &'a DatabaseTransaction) -> BoxFuture<'a, Result<bool, sea_orm::DbErr>>;
    /// The running closure succeeded: its changes are the transaction's.
    fn keep(&mut self);
    /// The running closure refused: its changes are thrown away.
    fn forget(&mut self);
    /// The version that an aggregate has by now, if it is on this shelf.
    fn version_of(&self, id: Uuid) -> Option<i64>;
    /// Writes the new and the changed rows.
    fn write(&self, writes: &mut Writes);
    /// The transaction has committed: this is how the rows are now.
    fn remember(self: Box<Self>, memory: &mut Memory);
    fn as_any(&self) -> &dyn Any;
    fn as_any_mut(&mut self) -> &mut dyn Any;
}

/// The aggregates of kind `A`.
pub(crate) struct Shelf<A> {
    /// The ids that the jobs name, and for each whether it is fresh to all who name it.
    wanted: BTreeMap<Uuid, bool>,
    /// Whether the rows were loaded under locks, and not as they are remembered.
    locked: bool,
    /// The aggregates as the closures that have succeeded so far left them.
    current: HashMap<Uuid, Place<A>>,
    /// What the running closure changed.
    scratch: HashMap<Uuid, Stored<A>>,
}

/// One aggregate of the transaction.
struct Place<A> {
    stored: Stored<A>,
    /// The version that the database has; 0 when it has no such row yet.
    was: i64,
}

impl<A> Place<A> {
    fn is_new(&self) -> bool {
        self.was == 0
    }

    fn is_changed(&self) -> bool {
        self.was != self.stored.version()
    }
}

impl<A: Aggregate> Place<A> {
    /// What a closure leaves of an aggregate: its version rises when the value differs.
    fn after(before: Option<&Self>, value: A) -> Stored<A> {
        match before {
            None => Stored::first(value),
            Some(Self { stored, .. }) => Stored::new(stored.version() + i64::from(**stored != value), value),
        }
    }
}

impl<A> Default for Shelf<A> {
    fn default() -> Self {
        Self {
            wanted: BTreeMap::new(),
            locked: false,
            current: HashMap::new(),
            scratch: HashMap::new(),
        }
    }
}

impl<A: Aggregate> Shelf<A> {
    pub(crate) fn get(&self, id: Uuid) -> Option<&Stored<A>> {
        self.must_be_named(id);
        self.scratch.get(&id).or_else(|| self.current.get(&id).map(|place| &place.stored))
    }

    pub(crate) fn after(&self, id: Uuid) -> Option<Stored<A>> {
        self.must_be_named(id);
        let before = self.current.get(&id);
        match self.scratch.get(&id) {
            None => before.map(|place| place.stored.clone()),
            Some(scratch) => Some(Place::after(before, A::clone(scratch))),
        }
    }

    pub(crate) fn change(&mut self, id: Uuid) -> Option<&mut A> {
        self.must_be_named(id);
        if !self.scratch.contains_key(&id) {
            let stored = self.current.get(&id)?.stored.clone();
            self.scratch.insert(id, stored);
        }
        self.scratch.get_mut(&id).map(Stored::value_mut)
    }

    pub(crate) fn insert(&mut self, aggregate: A) {
        let id = aggregate.id().into();
        if self.get(id).is_some() {
            // Without locks nobody has looked yet whether the cause is known. The update
            // is carried out with locks then, and this is nothing to be told.
            assert!(!self.locked, "{} {id} exists already", A::KIND);
            resume_unwind(Box::new("it exists already"));
        }
        self.scratch.insert(id, Stored::new(0, aggregate));
    }

    fn must_be_named(&self, id: Uuid) {
        assert!(self.wanted.contains_key(&id), "no key names {} {id}", A::KIND);
    }

    async fn load(&mut self, db: DatabaseExecutor<'_>, ids: &[Uuid]) -> Result<(), Broken> {
        for row in bulk::load::<A::Entity>(&db, ids, self.locked).await? {
            self.place(A::from_row(row)?);
        }
        Ok(())
    }

    fn place(&mut self, stored: Stored<A>) {
        let was = stored.version();
        self.current.insert(stored.id().into(), Place { stored, was });
    }

    /// The rows of these places at the versions that they have now, and the versions that they had.
    fn rows(&self, which: impl Fn(&Place<A>) -> bool) -> (Vec<<A::Entity as EntityTrait>::Model>, Vec<i64>) {
        let mut places: Vec<_> = self.current.iter().filter(|(_, place)| which(place)).collect();
        places.sort_unstable_by_key(|(id, _)| **id);
        let row = |(_, place): (_, &Place<A>)| (place.stored.to_row(place.stored.version()), place.was);
        places.into_iter().map(row).unzip()
    }
}

impl<A: Aggregate> AnyShelf for Shelf<A> {
    fn want(&mut self, id: Uuid, fresh: bool) {
        *self.wanted.entry(id).or_insert(true) &= fresh;
    }

    fn recall<'a>(&'a mut self, db: &'a DatabaseConnection, memory: &'a mut Memory) -> BoxFuture<'a, Result<(), Broken>> {
        Box::pin(async move {
            let recent = memory.of::<A>();
            let mut unknown = Vec::new();
            for (id, fresh) in self.wanted.clone() {
                match recent.take(id) {
                    Some(stored) => self.place(stored),
                    None if fresh => {}
                    None => unknown.push(id),
                }
            }
            self.load(db.into(), &unknown).await
        })
    }

    fn lock<'a>(&'a mut self, tx: &'a DatabaseTransaction, memory: &'a mut Memory) -> BoxFuture<'a, Result<(), Broken>> {
        Box::pin(async move {
            self.locked = true;
            let ids: Vec<Uuid> = self.wanted.keys().copied().collect();
            let recent = memory.of::<A>();
            ids.iter().for_each(|id| drop(recent.take(*id)));
            self.load(tx.into(), &ids).await
        })
    }

    fn has_appeared<'a>(&'a self, tx: &'a DatabaseTransaction) -> BoxFuture<'a, Result<bool, sea_orm::DbErr>> {
        Box::pin(async move {
            // Seeing one is enough. Locking it, out of order as it would be, could run into somebody who waits for us.
            let absent = |id: &Uuid| self.current.get(id).is_none_or(Place::is_new);
            let ids: Vec<Uuid> = self.wanted.keys().copied().filter(absent).collect();
            Ok(!bulk::load::<A::Entity>(&tx.into(), &ids, false).await?.is_empty())
        })
    }

    fn keep(&mut self) {
        for (id, scratch) in self.scratch.drain() {
            let before = self.current.get(&id);
            let (was, stored) = (before.map_or(0, |place| place.was), Place::after(before, scratch.into_inner()));
            self.current.insert(id, Place { stored, was });
        }
    }

    fn forget(&mut self) {
        self.scratch.clear();
    }

    fn version_of(&self, id: Uuid) -> Option<i64> {
        self.current.get(&id).map(|place| place.stored.version())
    }

    fn write(&self, writes: &mut Writes) {
        writes.insert::<A::Entity>(&self.rows(Place::is_new).0);
        let (rows, were) = self.rows(|place| place.is_changed() && !place.is_new());
        writes.update::<A::Entity>(&rows, &were);
        // Whoever decided by a row that nobody locked was right only if it is still the same.
        if !self.locked {
            let mut unchanged: Vec<_> = self.current.iter().filter(|(_, place)| !place.is_changed()).collect();
            unchanged.sort_unstable_by_key(|(id, _)| **id);
            let (ids, versions): (Vec<_>, Vec<_>) = unchanged.into_iter().map(|(id, place)| (*id, place.was)).unzip();
            writes.expect::<A::Entity>(&ids, &versions);
        }
    }

    fn remember(self: Box<Self>, memory: &mut Memory) {
        let recent = memory.of::<A>();
        for (id, place) in self.current {
            recent.put(id, place.stored);
        }
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }
}
