//! What a closure sees of the database: the aggregates that it named, on scratch copies.

use std::{
    any::TypeId,
    collections::BTreeMap,
    sync::{LazyLock, Mutex},
};

use kernel::{EventId, Time};
use prost::Message;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, EntityTrait, ModelTrait};
use uuid::{ContextV7, Uuid};

use crate::{
    Aggregate, Fact, Stored, Timer,
    appends::{AnyAppends, Appends},
    memory::Memory,
    rows,
    shelf::{AnyShelf, Shelf},
    writes::Writes,
};

/// What [`crate::Store::execute`] answers with, and records beside the cause: any protobuf message, or `()`.
pub trait Answer: Message + Default + 'static {}

impl<M: Message + Default + 'static> Answer for M {}

/// The aggregates that an update may touch, whether they exist or not.
#[derive(Clone, Default)]
pub struct Keys {
    list: Vec<Key>,
}

#[derive(Clone, Copy)]
struct Key {
    kind: &'static str,
    id: Uuid,
    fresh: bool,
    /// Makes the shelf of its kind.
    shelf: fn() -> Box<dyn AnyShelf>,
}

impl Keys {
    /// No keys: an update that only appends.
    pub fn new() -> Self {
        Self::default()
    }

    /// Names one aggregate.
    #[must_use]
    pub fn one<A: Aggregate>(self, id: A::Id) -> Self {
        self.named::<A>(id, false)
    }

    /// Names one that the closure will most likely add, because its id was just made or comes up here for the first time. This spares a
    /// read: the row is looked for only after adding it has failed.
    #[must_use]
    pub fn fresh<A: Aggregate>(self, id: A::Id) -> Self {
        self.named::<A>(id, true)
    }

    /// Names several aggregates of a kind.
    #[must_use]
    pub fn all<A: Aggregate>(self, ids: impl IntoIterator<Item = A::Id>) -> Self {
        ids.into_iter().fold(self, Self::one::<A>)
    }

    /// Names several fresh ones.
    #[must_use]
    pub fn all_fresh<A: Aggregate>(self, ids: impl IntoIterator<Item = A::Id>) -> Self {
        ids.into_iter().fold(self, Self::fresh::<A>)
    }

    fn named<A: Aggregate>(mut self, id: A::Id, fresh: bool) -> Self {
        self.list.push(Key {
            kind: A::KIND,
            id: id.into(),
            fresh,
            shelf: || Box::new(Shelf::<A>::default()),
        });
        self
    }

    /// A number that spreads updates over lanes: the same for the same first key.
    pub(crate) fn spread(&self) -> usize {
        self.list.first().map_or(0, |key| {
            key.id.as_bytes()[12..].iter().fold(0, |sum, byte| sum * 31 + usize::from(*byte))
        })
    }
}

/// An event's id: later ones sort later, also within one microsecond, so that ids keep the order in which this process wrote.
fn next_event(now: Time) -> EventId {
    static ORDER: LazyLock<Mutex<ContextV7>> = LazyLock::new(Mutex::default);
    let micros = now.micros().unsigned_abs();
    let nanos = u32::try_from(micros % 1_000_000 * 1_000).expect("less than a second of nanoseconds");
    EventId::from_uuid(Uuid::new_v7(uuid::Timestamp::from_unix(&*ORDER, micros / 1_000_000, nanos)))
}

/// The aggregates of one transaction. Closures run one after another; each works on scratch copies that are kept only when it succeeds.
pub struct Work {
    now: Time,
    shelves: BTreeMap<&'static str, Box<dyn AnyShelf>>,
    appends: BTreeMap<TypeId, Box<dyn AnyAppends>>,
    scratch: Scratch,
    pub(crate) facts: Vec<rows::outbox::Model>,
    pub(crate) timers: BTreeMap<(&'static str, Uuid), Option<Time>>,
}

#[derive(Default)]
struct Scratch {
    facts: Vec<Fact>,
    timers: Vec<(&'static str, Uuid, Option<Time>)>,
}

impl Work {
    /// An empty place for each aggregate that the jobs of a transaction name, to be filled by [`Work::shelves`].
    pub(crate) fn new<'k>(now: Time, keys: impl Iterator<Item = &'k Keys>) -> Self {
        let mut shelves = BTreeMap::new();
        for key in keys.flat_map(|keys| &keys.list) {
            let shelf: &mut Box<dyn AnyShelf> = shelves.entry(key.kind).or_insert_with(key.shelf);
            shelf.want(key.id, key.fresh);
        }
        Self {
            now,
            shelves,
            appends: BTreeMap::new(),
            scratch: Scratch::default(),
            facts: Vec::new(),
            timers: BTreeMap::new(),
        }
    }

    /// The aggregate with this id, with what this closure did to it so far; nothing when there is no such row.
    ///
    /// # Panics
    /// When the update's keys do not name it, which is a fault of the caller and hurts this update only.
    pub fn get<A: Aggregate>(&self, id: A::Id) -> Option<&Stored<A>> {
        self.shelf::<A>().get(id.into())
    }

    /// The aggregate with this id as this write will leave it, if nothing more is done to it: with the version that it will have by then.
    ///
    /// # Panics
    /// As [`Work::get`].
    pub fn after<A: Aggregate>(&self, id: A::Id) -> Option<Stored<A>> {
        self.shelf::<A>().after(id.into())
    }

    /// The aggregate with this id, to be changed. Its version rises by itself when the value differs afterwards.
    ///
    /// # Panics
    /// As [`Work::get`].
    pub fn change<A: Aggregate>(&mut self, id: A::Id) -> Option<&mut A> {
        self.shelf_mut::<A>().change(id.into())
    }

    /// Adds a new aggregate. If another transaction adds the same id first, this update runs again and sees it.
    ///
    /// # Panics
    /// When the keys do not name it, or when it exists already.
    pub fn insert<A: Aggregate>(&mut self, aggregate: A) {
        self.shelf_mut::<A>().insert(aggregate);
    }

    /// Adds a row to a table that is only ever appended to.
    pub fn append<M>(&mut self, row: M)
    where
        M: ModelTrait + Send + Sync + 'static,
        M::Entity: EntityTrait<Model = M>,
    {
        let appends = self
            .appends
            .entry(TypeId::of::<M>())
            .or_insert_with(|| Box::new(Appends::<M>::default()));
        appends
            .as_any_mut()
            .downcast_mut::<Appends<M>>()
            .expect("the map is keyed by the row's type")
            .push(row);
    }

    /// Tells the other services, once this transaction has committed.
    pub fn emit(&mut self, fact: Fact) {
        self.scratch.facts.push(fact);
    }

    /// Sets a durable timer. There is one for each (kind, aggregate): setting it again moves it.
    pub fn schedule(&mut self, timer: Timer) {
        self.scratch.timers.push((timer.kind, timer.aggregate, Some(timer.due)));
    }

    /// Takes a timer back, whether it was set or not.
    pub fn unschedule(&mut self, kind: &'static str, aggregate: impl Into<Uuid>) {
        self.scratch.timers.push((kind, aggregate.into(), None));
    }

    fn shelf<A: Aggregate>(&self) -> &Shelf<A> {
        let shelf = self.shelves.get(A::KIND).unwrap_or_else(|| panic!("no key names a {}", A::KIND));
        shelf.as_any().downcast_ref().expect("kinds are unique within a service")
    }

    fn shelf_mut<A: Aggregate>(&mut self) -> &mut Shelf<A> {
        let shelf = self
            .shelves
            .get_mut(A::KIND)
            .unwrap_or_else(|| panic!("no key names a {}", A::KIND));
        shelf.as_any_mut().downcast_mut().expect("kinds are unique within a service")
    }

    /// In the order in which they are to be locked.
    pub(crate) fn shelves(&mut self) -> impl Iterator<Item = &mut Box<dyn AnyShelf>> {
        self.shelves.values_mut()
    }

    /// Whether a row that was not there when it was looked for is there now; on SQLite, whose writer is alone, never.
    pub(crate) async fn has_appeared(&self, tx: &DatabaseTransaction) -> Result<bool, DbErr> {
        if tx.get_database_backend() == DbBackend::Sqlite {
            return Ok(false);
        }
        for shelf in self.shelves.values() {
            if shelf.has_appeared(tx).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Everything that the closures left behind.
    pub(crate) fn write(&self, writes: &mut Writes) {
        for shelf in self.shelves.values() {
            shelf.write(writes);
        }
        for appends in self.appends.values() {
            appends.write(writes);
        }
        writes.insert::<rows::outbox::Entity>(&self.facts);
        let set = |(&(kind, aggregate), due): (&(&'static str, Uuid), &Option<Time>)| due.map(|due| (kind, aggregate, due.micros()));
        writes.set_timers(&self.timers.iter().filter_map(set).collect::<Vec<_>>());
        let unset = self.timers.iter().filter(|(_, due)| due.is_none()).map(|(timer, _)| *timer);
        writes.unset_timers(&unset.collect::<Vec<_>>());
    }

    /// The transaction has committed.
    pub(crate) fn remember(self, memory: &mut Memory) {
        for shelf in self.shelves.into_values() {
            shelf.remember(memory);
        }
    }

    /// The closure succeeded: what it did is part of the transaction.
    pub(crate) fn keep(&mut self, traceparent: Option<&str>) {
        for shelf in self.shelves.values_mut() {
            shelf.keep();
        }
        for appends in self.appends.values_mut() {
            appends.keep();
        }
        for fact in std::mem::take(&mut self.scratch.facts) {
            let version = self
                .shelves
                .values()
                .find_map(|shelf| shelf.version_of(fact.aggregate))
                .unwrap_or_default();
            self.facts
                .push(rows::outbox::Model::new(next_event(self.now), fact, version, self.now, traceparent));
        }
        for (kind, aggregate, due) in std::mem::take(&mut self.scratch.timers) {
            self.timers.insert((kind, aggregate), due);
        }
    }

    /// The closure refused: it leaves no trace.
    pub(crate) fn forget(&mut self) {
        for shelf in self.shelves.values_mut() {
            shelf.forget();
        }
        for appends in self.appends.values_mut() {
            appends.forget();
        }
        self.scratch = Scratch::default();
    }
}
