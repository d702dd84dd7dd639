//! Holds: what each checkout was answered.

use kernel::CheckoutId;
use store::{Aggregate, Corrupt, Document, Stored};

use crate::domain::Hold;

pub(crate) mod row {
    //! The table `holds`.

    use sea_orm::entity::prelude::*;
    use store::Document;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "holds")]
    pub(crate) struct Model {
        /// The checkout's.
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: Uuid,
        pub(crate) version: i64,
        /// For people who look; what counts is in `answer`.
        pub(crate) state: String,
        pub(crate) answer: Document,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl Aggregate for Hold {
    type Id = CheckoutId;
    type Entity = row::Entity;
    const KIND: &'static str = "hold";

    fn id(&self) -> CheckoutId {
        self.checkout
    }

    fn from_row(row: row::Model) -> Result<Stored<Self>, Corrupt> {
        let hold = Self {
            checkout: CheckoutId::from_uuid(row.id),
            state: row.answer.read("holds")?,
        };
        Ok(Stored::new(row.version, hold))
    }

    fn to_row(&self, version: i64) -> row::Model {
        row::Model {
            id: self.checkout.uuid(),
            version,
            state: self.state.name().to_owned(),
            answer: Document::of(&self.state),
        }
    }
}
