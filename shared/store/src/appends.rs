//! Rows of one append-only table within one transaction.

use std::any::Any;

use sea_orm::{EntityTrait, ModelTrait};

use crate::writes::Writes;

/// Appended rows without their type: what the lane needs.
pub(crate) trait AnyAppends: Send + Sync {
    fn keep(&mut self);
    fn forget(&mut self);
    fn write(&self, writes: &mut Writes);
    fn as_any_mut(&mut self) -> &mut dyn Any;
}

pub(crate) struct Appends<M> {
    kept: Vec<M>,
    scratch: Vec<M>,
}

impl<M> Default for Appends<M> {
    fn default() -> Self {
        Self {
            kept: Vec::new(),
            scratch: Vec::new(),
        }
    }
}

impl<M> Appends<M> {
    pub(crate) fn push(&mut self, row: M) {
        self.scratch.push(row);
    }
}

impl<M> AnyAppends for Appends<M>
where
    M: ModelTrait + Send + Sync + 'static,
    M::Entity: EntityTrait<Model = M>,
{
    fn keep(&mut self) {
        self.kept.append(&mut self.scratch);
    }

    fn forget(&mut self) {
        self.scratch.clear();
    }

    fn write(&self, writes: &mut Writes) {
        writes.insert::<M::Entity>(&self.kept);
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }
}
