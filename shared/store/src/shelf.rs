//! The aggregates of one kind within one transaction.

use std::{
    any::Any,
    collections::{BTreeSet, HashMap},
};

use futures::future::BoxFuture;
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, Iterable, sea_query::SimpleExpr};
use uuid::Uuid;

use crate::{Aggregate, Stored, bulk, writes::Writes};

/// A shelf without its type: what the lane needs.
pub(crate) trait AnyShelf: Send + Sync {
    fn want(&mut self, id: Uuid);
    /// Loads and locks what is wanted, in the order of ids.
    fn load<'a>(&'a mut self, tx: &'a DatabaseTransaction) -> BoxFuture<'a, Result<(), crate::batch::Broken>>;
    /// Whether a row that was not there when we looked is there now.
    fn has_appeared<'a>(&'a self, tx: &'a DatabaseTransaction) -> BoxFuture<'a, Result<bool, sea_orm::DbErr>>;
    fn keep(&mut self);
    fn forget(&mut self);
    fn version_of(&self, id: Uuid) -> Option<i64>;
    /// Writes the new and the changed rows.
    fn write(&self, writes: &mut Writes);
    fn as_any(&self) -> &dyn Any;
    fn as_any_mut(&mut self) -> &mut dyn Any;
}

pub(crate) struct Shelf<A> {
    wanted: BTreeSet<Uuid>,
    /// What the transaction has, with its neighbours' changes.
    current: HashMap<Uuid, Place<A>>,
    /// What the running closure changed.
    scratch: HashMap<Uuid, Stored<A>>,
}

struct Place<A> {
    stored: Stored<A>,
    /// The database has no such row yet.
    new: bool,
    changed: bool,
}

impl<A> Default for Shelf<A> {
    fn default() -> Self {
        Self {
            wanted: BTreeSet::new(),
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
        assert!(self.get(id).is_none(), "{} {id} exists already", A::KIND);
        self.scratch.insert(id, Stored::new(0, aggregate));
    }

    fn must_be_named(&self, id: Uuid) {
        assert!(self.wanted.contains(&id), "no key names {} {id}", A::KIND);
    }
}

impl<A: Aggregate> AnyShelf for Shelf<A> {
    fn want(&mut self, id: Uuid) {
        self.wanted.insert(id);
    }

    fn load<'a>(&'a mut self, tx: &'a DatabaseTransaction) -> BoxFuture<'a, Result<(), crate::batch::Broken>> {
        Box::pin(async move {
            let ids: Vec<Uuid> = self.wanted.iter().copied().collect();
            for row in bulk::lock::<A::Entity>(tx, &ids).await? {
                let stored = A::from_row(row)?;
                self.current.insert(
                    stored.id().into(),
                    Place {
                        stored,
                        new: false,
                        changed: false,
                    },
                );
            }
            Ok(())
        })
    }

    fn has_appeared<'a>(&'a self, tx: &'a DatabaseTransaction) -> BoxFuture<'a, Result<bool, sea_orm::DbErr>> {
        Box::pin(async move {
            let absent = |id: &Uuid| self.current.get(id).is_none_or(|place| place.new);
            let ids: Vec<Uuid> = self.wanted.iter().copied().filter(absent).collect();
            Ok(!bulk::lock::<A::Entity>(tx, &ids).await?.is_empty())
        })
    }

    fn keep(&mut self) {
        for (id, stored) in self.scratch.drain() {
            match self.current.get_mut(&id) {
                None => {
                    self.current.insert(
                        id,
                        Place {
                            stored: Stored::new(1, stored.into_inner()),
                            new: true,
                            changed: true,
                        },
                    );
                }
                Some(place) if *place.stored != *stored => {
                    place.stored = Stored::new(place.stored.version() + 1, stored.into_inner());
                    place.changed = true;
                }
                Some(_) => {}
            }
        }
    }

    fn forget(&mut self) {
        self.scratch.clear();
    }

    fn version_of(&self, id: Uuid) -> Option<i64> {
        self.current.get(&id).map(|place| place.stored.version())
    }

    fn write(&self, writes: &mut Writes) {
        let rows = |new: bool| {
            let mut places: Vec<_> = self.current.iter().filter(|(_, place)| place.changed && place.new == new).collect();
            places.sort_unstable_by_key(|(id, _)| **id);
            places
                .into_iter()
                .map(|(_, place)| place.stored.to_row(place.stored.version()))
                .collect::<Vec<_>>()
        };
        writes.insert::<A::Entity>(&rows(true));
        writes.update::<A::Entity>(&rows(false));
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }
}

/// The condition that names one row.
pub(crate) fn id_is<A: Aggregate>(id: Uuid) -> SimpleExpr {
    id_column::<A>().eq(id)
}

/// The condition that names several rows.
pub(crate) fn id_in<A: Aggregate>(ids: &[Uuid]) -> SimpleExpr {
    id_column::<A>().is_in(ids.iter().copied())
}

fn id_column<A: Aggregate>() -> <A::Entity as EntityTrait>::Column {
    use sea_orm::IdenStatic;
    <A::Entity as EntityTrait>::Column::iter()
        .find(|column| column.as_str() == "id")
        .expect("every aggregate's table has a column `id`")
}
