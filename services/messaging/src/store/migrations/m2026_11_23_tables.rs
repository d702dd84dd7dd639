//! Conversations, their messages, the parties of orders, and notifications.

use ::store::schema::{aggregate, index};
use sea_orm_migration::{prelude::*, schema::*};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m2026_11_23_tables"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        let conversations = aggregate("conversations")
            .col(uuid("other"))
            .col(uuid_null("product"))
            .col(uuid_null("trade"))
            .col(big_integer("last_sequence"))
            .col(big_integer_null("last_message"))
            .col(big_integer("owner_read"))
            .col(big_integer("other_read"))
            .col(big_integer("created"))
            .col(big_integer("activity"))
            .check(Expr::cust("owner <> other"))
            .check(Expr::cust("owner_read <= last_sequence AND other_read <= last_sequence"))
            .to_owned();
        schema.create_table(conversations).await?;
        // Each side's list, the liveliest first.
        schema
            .create_index(index("conversations_of_owner", "conversations", &["owner", "activity", "id"]))
            .await?;
        schema
            .create_index(index("conversations_of_other", "conversations", &["other", "activity", "id"]))
            .await?;

        let messages = Table::create()
            .table("messages")
            .col(uuid("conversation"))
            .col(big_integer("sequence").check(Expr::cust("sequence > 0")))
            .col(uuid("id"))
            .col(uuid("sender"))
            .col(uuid("account"))
            .col(text("text"))
            .col(uuid_null("quotation"))
            .col(big_integer("created"))
            .primary_key(Index::create().col("conversation").col("sequence"))
            .to_owned();
        schema.create_table(messages).await?;

        let trades = aggregate("trades").col(uuid("seller")).to_owned();
        schema.create_table(trades).await?;

        let notifications = aggregate("notifications")
            .col(text("kind"))
            .col(text("reference"))
            .col(text("text"))
            .col(boolean("read"))
            .col(big_integer("created"))
            .to_owned();
        schema.create_table(notifications).await?;
        // All of them, and the unread ones alone, newest first.
        schema
            .create_index(index("notifications_of_owner", "notifications", &["owner", "created", "id"]))
            .await?;
        schema
            .create_index(index("notifications_unread", "notifications", &["owner", "read", "created", "id"]))
            .await
    }
}
