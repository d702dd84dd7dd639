//! Messages: rows that are only ever added, under their conversation's lock.

use kernel::{AccountId, ConversationId, MessageId, OrganisationId, QuotationId, Time};
use sea_orm::{ColumnTrait, DatabaseConnection, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::domain::message::{Draft, Message};

pub(crate) mod row {
    //! The table `messages`.

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "messages")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) conversation: Uuid,
        /// Its place in the conversation: 1, 2, 3 …
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) sequence: i64,
        pub(crate) id: Uuid,
        pub(crate) sender: Uuid,
        pub(crate) account: Uuid,
        pub(crate) text: String,
        pub(crate) quotation: Option<Uuid>,
        pub(crate) created: i64,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl From<Message> for row::Model {
    fn from(message: Message) -> Self {
        let draft = message.draft;
        Self {
            conversation: message.conversation.uuid(),
            sequence: message.sequence,
            id: draft.id.uuid(),
            sender: draft.sender.uuid(),
            account: draft.account.uuid(),
            text: draft.text,
            quotation: draft.quotation.map(QuotationId::uuid),
            created: message.created.micros(),
        }
    }
}

impl From<row::Model> for Message {
    fn from(row: row::Model) -> Self {
        let draft = Draft {
            id: MessageId::from_uuid(row.id),
            sender: OrganisationId::from_uuid(row.sender),
            account: AccountId::from_uuid(row.account),
            text: row.text,
            quotation: row.quotation.map(QuotationId::from_uuid),
        };
        Self {
            conversation: ConversationId::from_uuid(row.conversation),
            sequence: row.sequence,
            draft,
            created: Time::from_micros(row.created),
        }
    }
}

/// The messages after a sequence, in order, at most so many. Writers of one conversation take turns
/// at its row, so a sequence is never seen before those in front of it.
pub(crate) async fn after(db: &DatabaseConnection, conversation: ConversationId, sequence: i64, most: u64) -> Result<Vec<Message>, DbErr> {
    let rows = row::Entity::find()
        .filter(row::Column::Conversation.eq(conversation.uuid()))
        .filter(row::Column::Sequence.gt(sequence))
        .order_by_asc(row::Column::Sequence)
        .limit(most)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(Message::from).collect())
}
