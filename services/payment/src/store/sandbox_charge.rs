//! What the sandbox provider remembers, as a real one would: each charge and payout under the reference that we gave it.

use kernel::Money;
use store::{Aggregate, Corrupt, Stored, parse};

kernel::id!(/** Our reference of a charge or a payout. */ Reference, "ref");

/// Something that the sandbox provider was asked to do, and what it did.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SandboxCharge {
    pub(crate) reference: Reference,
    pub(crate) amount: Money,
    /// `captured`, `pending`, `declined:<reason>` or `action:<url>`.
    pub(crate) outcome: String,
}

pub(crate) mod row {
    //! The table `sandbox_charges`.

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "sandbox_charges")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: Uuid,
        pub(crate) version: i64,
        pub(crate) amount: i64,
        pub(crate) currency: String,
        pub(crate) outcome: String,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl Aggregate for SandboxCharge {
    type Id = Reference;
    type Entity = row::Entity;
    const KIND: &'static str = "sandbox_charge";

    fn id(&self) -> Reference {
        self.reference
    }

    fn from_row(row: row::Model) -> Result<Stored<Self>, Corrupt> {
        let currency = parse("sandbox_charges", &row.currency)?;
        let charge = Self {
            reference: Reference::from_uuid(row.id),
            amount: Money::new(row.amount, currency),
            outcome: row.outcome,
        };
        Ok(Stored::new(row.version, charge))
    }

    fn to_row(&self, version: i64) -> row::Model {
        row::Model {
            id: self.reference.uuid(),
            version,
            amount: self.amount.minor_units(),
            currency: self.amount.currency().code().to_owned(),
            outcome: self.outcome.clone(),
        }
    }
}
