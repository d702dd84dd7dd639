//! How a domain type and its row belong together.

use std::{fmt::Display, hash::Hash, ops::Deref, str::FromStr};

use kernel::Stale;
use sea_orm::{EntityTrait, FromQueryResult, ModelTrait};
use uuid::Uuid;

/// A noun of the domain that is loaded, changed and written as a whole: one aggregate is one row.
///
/// Implemented on the domain type by the service's store module. The table has the columns `id` (uuid, primary key) and `version` (bigint).
pub trait Aggregate: Clone + PartialEq + Send + Sync + Sized + 'static {
    /// Its id, one newtype per entity.
    type Id: Copy + Ord + Hash + Into<Uuid> + Send + Sync + 'static;
    /// The sea-orm entity of its table.
    type Entity: EntityTrait<Model: ModelTrait<Entity = Self::Entity> + FromQueryResult + Send + Sync>;
    /// Its name, unique within the service. Rows are locked in the order of kinds, then of ids.
    const KIND: &'static str;

    /// Its id.
    fn id(&self) -> Self::Id;
    /// The domain type from its row.
    ///
    /// # Errors
    /// [`Corrupt`] when the row breaks a rule of the domain, which only a wrong migration or a foreign hand can cause.
    fn from_row(row: <Self::Entity as EntityTrait>::Model) -> Result<Stored<Self>, Corrupt>;
    /// The row of this state at this version.
    fn to_row(&self, version: i64) -> <Self::Entity as EntityTrait>::Model;
}

/// An aggregate as the database has it.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored<A> {
    version: i64,
    value: A,
}

impl<A> Stored<A> {
    /// Joins a row's version and value.
    pub fn new(version: i64, value: A) -> Self {
        Self { version, value }
    }

    /// One that is new, as the first write leaves it.
    pub fn first(value: A) -> Self {
        Self::new(1, value)
    }

    /// Counts the changes since the aggregate was made; the first version is 1.
    pub fn version(&self) -> i64 {
        self.version
    }

    /// Refuses a change that was based on another version than this one. Whoever names none changes any.
    ///
    /// # Errors
    /// [`Stale`], with this version.
    pub fn must_be_at(&self, expected: Option<i64>) -> Result<(), Stale> {
        match expected {
            Some(version) if version != self.version => Err(Stale { current: self.version }),
            Some(_) | None => Ok(()),
        }
    }

    /// The version as an entity tag (AIP-154).
    pub fn etag(&self) -> String {
        self.version.to_string()
    }

    pub(crate) fn value_mut(&mut self) -> &mut A {
        &mut self.value
    }

    /// The bare value.
    pub fn into_inner(self) -> A {
        self.value
    }
}

impl<A> Deref for Stored<A> {
    type Target = A;

    fn deref(&self) -> &A {
        &self.value
    }
}

/// What a column keeps as a text, such as a currency.
///
/// # Errors
/// [`Corrupt`], with what is wrong with the text.
pub fn parse<T: FromStr<Err: Display>>(table: &'static str, text: &str) -> Result<T, Corrupt> {
    text.parse().map_err(|error: T::Err| Corrupt::new(table, error))
}

/// A row that the domain refuses.
#[derive(Debug, thiserror::Error)]
#[error("corrupt row in {table}: {reason}")]
pub struct Corrupt {
    table: &'static str,
    reason: String,
}

impl Corrupt {
    /// Names the table and what is wrong with its row.
    pub fn new(table: &'static str, reason: impl ToString) -> Self {
        Self {
            table,
            reason: reason.to_string(),
        }
    }
}
