//! Buyers are reviewed too: the ratings of sellers become the reputations of everybody who trades.

use ::store::schema::{aggregate, index};
use sea_orm_migration::{prelude::*, schema::*};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m2026_11_23_reputations"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
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

        schema
            .rename_table(Table::rename().table("seller_ratings", "reputations").to_owned())
            .await?;
        let reputations = || Table::alter().table("reputations").to_owned();
        for (from, to) in [("stars", "seller_stars"), ("count", "seller_count")] {
            schema.alter_table(reputations().rename_column(from, to).to_owned()).await?;
        }
        for column in ["buyer_stars", "buyer_count"] {
            schema
                .alter_table(reputations().add_column(big_integer(column).default(0)).to_owned())
                .await?;
        }
        Ok(())
    }
}
