//! How organisations are rated, in the table `reputations`: one row each, under the organisation's own id.

use kernel::OrganisationId;
use store::{Aggregate, Corrupt, Stored};

use crate::domain::rating::{Rating, Reputation};

pub(crate) mod row {
    //! The table `reputations`.

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "reputations")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: Uuid,
        pub(crate) version: i64,
        pub(crate) owner: Uuid,
        pub(crate) seller_stars: i64,
        pub(crate) seller_count: i64,
        pub(crate) buyer_stars: i64,
        pub(crate) buyer_count: i64,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl Aggregate for Reputation {
    type Id = OrganisationId;
    type Entity = row::Entity;
    const KIND: &'static str = "reputation";

    fn id(&self) -> OrganisationId {
        self.organisation
    }

    fn from_row(row: row::Model) -> Result<Stored<Self>, Corrupt> {
        let rating = |stars, count| Rating { stars, count };
        let reputation = Self {
            organisation: OrganisationId::from_uuid(row.id),
            as_seller: rating(row.seller_stars, row.seller_count),
            as_buyer: rating(row.buyer_stars, row.buyer_count),
        };
        Ok(Stored::new(row.version, reputation))
    }

    fn to_row(&self, version: i64) -> row::Model {
        row::Model {
            id: self.organisation.uuid(),
            version,
            owner: self.organisation.uuid(),
            seller_stars: self.as_seller.stars,
            seller_count: self.as_seller.count,
            buyer_stars: self.as_buyer.stars,
            buyer_count: self.as_buyer.count,
        }
    }
}
