//! Reviews of both sides, and the reputations that they come to.

use ::store::schema::{aggregate, index};
use sea_orm_migration::{prelude::*, schema::*};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m2026_11_25_reviews"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        let reviews = aggregate("reviews")
            .col(uuid("seller"))
            .col(uuid("order_id"))
            .col(uuid("product"))
            .col(uuid("variant"))
            .col(integer_null("product_stars"))
            .col(integer_null("seller_stars"))
            .col(text_null("text"))
            .col(big_integer_null("written"))
            .col(text_null("reply"))
            .col(big_integer_null("replied"))
            .to_owned();
        schema.create_table(reviews).await?;
        schema
            .create_index(index("reviews_of_product", "reviews", &["product", "written", "id"]))
            .await?;

        let reviews = aggregate("buyer_reviews")
            .col(uuid("buyer"))
            .col(uuid("order_id"))
            .col(integer_null("stars"))
            .col(text_null("text"))
            .col(big_integer_null("written"))
            .to_owned();
        schema.create_table(reviews).await?;
        schema
            .create_index(index("reviews_of_buyer", "buyer_reviews", &["buyer", "written", "id"]))
            .await?;

        let reputations = aggregate("reputations")
            .col(big_integer("seller_stars"))
            .col(big_integer("seller_count"))
            .col(big_integer("buyer_stars"))
            .col(big_integer("buyer_count"))
            .to_owned();
        schema.create_table(reputations).await
    }
}
