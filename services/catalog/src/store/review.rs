//! Reviews, in the table `reviews`.

use kernel::{OrderId, OrganisationId, ProductId, ReviewId, Time, VariantId};
use store::{Aggregate, Corrupt, Stored};

use crate::domain::{
    rating::Stars,
    review::{Opinion, Reply, Review, Stage},
};

pub(crate) mod row {
    //! The table `reviews`.

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "reviews")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: Uuid,
        pub(crate) version: i64,
        pub(crate) owner: Uuid,
        pub(crate) seller: Uuid,
        pub(crate) order_id: Uuid,
        pub(crate) product: Uuid,
        pub(crate) variant: Uuid,
        pub(crate) product_stars: Option<i32>,
        pub(crate) seller_stars: Option<i32>,
        pub(crate) text: Option<String>,
        pub(crate) written: Option<i64>,
        pub(crate) reply: Option<String>,
        pub(crate) replied: Option<i64>,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl Aggregate for Review {
    type Id = ReviewId;
    type Entity = row::Entity;
    const KIND: &'static str = "review";

    fn id(&self) -> ReviewId {
        self.id
    }

    fn from_row(row: row::Model) -> Result<Stored<Self>, Corrupt> {
        let corrupt = |reason: &str| Corrupt::new("reviews", reason);
        let stars = |stars: Option<i32>| stars.and_then(Stars::new).ok_or_else(|| corrupt("stars"));
        let opinion = match (row.written, row.text) {
            (Some(written), Some(text)) => Some(Opinion {
                product: stars(row.product_stars)?,
                seller: stars(row.seller_stars)?,
                text,
                at: Time::from_micros(written),
            }),
            (None, None) => None,
            (Some(_), None) | (None, Some(_)) => return Err(corrupt("half an opinion")),
        };
        let stage = match (opinion, row.reply, row.replied) {
            (None, None, None) => Stage::Invited,
            (Some(opinion), None, None) => Stage::Written(opinion),
            (Some(opinion), Some(text), Some(replied)) => {
                let at = Time::from_micros(replied);
                Stage::Answered(opinion, Reply { text, at })
            }
            (None | Some(_), None | Some(_), None | Some(_)) => return Err(corrupt("half a reply")),
        };
        let review = Self {
            id: ReviewId::from_uuid(row.id),
            buyer: OrganisationId::from_uuid(row.owner),
            seller: OrganisationId::from_uuid(row.seller),
            order: OrderId::from_uuid(row.order_id),
            product: ProductId::from_uuid(row.product),
            variant: VariantId::from_uuid(row.variant),
            stage,
        };
        Ok(Stored::new(row.version, review))
    }

    fn to_row(&self, version: i64) -> row::Model {
        let (opinion, reply) = (self.opinion(), self.reply());
        row::Model {
            id: self.id.uuid(),
            version,
            owner: self.buyer.uuid(),
            seller: self.seller.uuid(),
            order_id: self.order.uuid(),
            product: self.product.uuid(),
            variant: self.variant.uuid(),
            product_stars: opinion.map(|opinion| opinion.product.get()),
            seller_stars: opinion.map(|opinion| opinion.seller.get()),
            text: opinion.map(|opinion| opinion.text.clone()),
            written: opinion.map(|opinion| opinion.at.micros()),
            reply: reply.map(|reply| reply.text.clone()),
            replied: reply.map(|reply| reply.at.micros()),
        }
    }
}
