//! How sellers are rated, in the table `seller_ratings`: one row a seller, under the seller's own id.

use kernel::OrganisationId;
use store::{Aggregate, Corrupt, Stored};

use crate::domain::{rating::Rating, review::SellerRating};

pub(crate) mod row {
    //! The table `seller_ratings`.

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "seller_ratings")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: Uuid,
        pub(crate) version: i64,
        pub(crate) owner: Uuid,
        pub(crate) stars: i64,
        pub(crate) count: i64,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl Aggregate for SellerRating {
    type Id = OrganisationId;
    type Entity = row::Entity;
    const KIND: &'static str = "seller_rating";

    fn id(&self) -> OrganisationId {
        self.seller
    }

    fn from_row(row: row::Model) -> Result<Stored<Self>, Corrupt> {
        let (stars, count) = (row.stars, row.count);
        let rating = Self {
            seller: OrganisationId::from_uuid(row.id),
            rating: Rating { stars, count },
        };
        Ok(Stored::new(row.version, rating))
    }

    fn to_row(&self, version: i64) -> row::Model {
        row::Model {
            id: self.seller.uuid(),
            version,
            owner: self.seller.uuid(),
            stars: self.rating.stars,
            count: self.rating.count,
        }
    }
}
