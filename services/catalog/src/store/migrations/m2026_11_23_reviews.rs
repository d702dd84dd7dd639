//! Reviews, and the ratings that they come to.

use ::store::schema::{aggregate, index};
use sea_orm_migration::{prelude::*, schema::*};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m2026_11_23_reviews"
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

        let sellers = aggregate("seller_ratings")
            .col(big_integer("stars"))
            .col(big_integer("count"))
            .to_owned();
        schema.create_table(sellers).await?;
        for column in ["rating_stars", "rating_count"] {
            let products = Table::alter()
                .table("products")
                .add_column(big_integer(column).default(0))
                .to_owned();
            schema.alter_table(products).await?;
        }
        Ok(())
    }
}
