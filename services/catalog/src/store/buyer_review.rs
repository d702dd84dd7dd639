//! Reviews of buyers, in the table `buyer_reviews`.

use kernel::{OrderId, OrganisationId, ReviewId, Time};
use store::{Aggregate, Corrupt, Stored};

use crate::domain::{
    buyer_review::{BuyerReview, Verdict},
    rating::Stars,
};

pub(crate) mod row {
    //! The table `buyer_reviews`. Who writes is the owner.

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "buyer_reviews")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: Uuid,
        pub(crate) version: i64,
        pub(crate) owner: Uuid,
        pub(crate) buyer: Uuid,
        pub(crate) order_id: Uuid,
        pub(crate) stars: Option<i32>,
        pub(crate) text: Option<String>,
        pub(crate) written: Option<i64>,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl Aggregate for BuyerReview {
    type Id = ReviewId;
    type Entity = row::Entity;
    const KIND: &'static str = "buyer_review";

    fn id(&self) -> ReviewId {
        self.id
    }

    fn from_row(row: row::Model) -> Result<Stored<Self>, Corrupt> {
        let corrupt = |reason: &str| Corrupt::new("buyer_reviews", reason);
        let verdict = match (row.stars, row.text, row.written) {
            (None, None, None) => None,
            (Some(stars), Some(text), Some(written)) => Some(Verdict {
                stars: Stars::new(stars).ok_or_else(|| corrupt("stars"))?,
                text,
                at: Time::from_micros(written),
            }),
            (None | Some(_), None | Some(_), None | Some(_)) => return Err(corrupt("half a verdict")),
        };
        let review = Self {
            id: ReviewId::from_uuid(row.id),
            seller: OrganisationId::from_uuid(row.owner),
            buyer: OrganisationId::from_uuid(row.buyer),
            order: OrderId::from_uuid(row.order_id),
            verdict,
        };
        Ok(Stored::new(row.version, review))
    }

    fn to_row(&self, version: i64) -> row::Model {
        let verdict = self.verdict.as_ref();
        row::Model {
            id: self.id.uuid(),
            version,
            owner: self.seller.uuid(),
            buyer: self.buyer.uuid(),
            order_id: self.order.uuid(),
            stars: verdict.map(|verdict| verdict.stars.get()),
            text: verdict.map(|verdict| verdict.text.clone()),
            written: verdict.map(|verdict| verdict.at.micros()),
        }
    }
}
