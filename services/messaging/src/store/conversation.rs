//! Conversations: one row each, with both participants.

use kernel::{ConversationId, OrderId, OrganisationId, ProductId, Time};
use store::{Aggregate, Corrupt, Stored};

use crate::domain::{
    context::Context,
    conversation::{Conversation, Participant},
};

pub(crate) mod row {
    //! The table `conversations`.

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "conversations")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: Uuid,
        pub(crate) version: i64,
        /// Who opened it.
        pub(crate) owner: Uuid,
        pub(crate) other: Uuid,
        /// At most one of the two is set.
        pub(crate) product: Option<Uuid>,
        pub(crate) trade: Option<Uuid>,
        pub(crate) last_sequence: i64,
        pub(crate) last_message: Option<i64>,
        pub(crate) owner_read: i64,
        pub(crate) other_read: i64,
        pub(crate) created: i64,
        /// When something happened last: what lists are sorted by.
        pub(crate) activity: i64,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl Aggregate for Conversation {
    type Id = ConversationId;
    type Entity = row::Entity;
    const KIND: &'static str = "conversation";

    fn id(&self) -> ConversationId {
        self.id
    }

    fn from_row(row: row::Model) -> Result<Stored<Self>, Corrupt> {
        let context = match (row.product, row.trade) {
            (None, None) => Context::General,
            (Some(product), None) => Context::Product(ProductId::from_uuid(product)),
            (None, Some(order)) => Context::Order(OrderId::from_uuid(order)),
            (Some(_), Some(_)) => return Err(Corrupt::new("conversations", "a product and an order at once")),
        };
        let participant = |organisation, read| Participant {
            organisation: OrganisationId::from_uuid(organisation),
            read,
        };
        let conversation = Self {
            id: ConversationId::from_uuid(row.id),
            opener: participant(row.owner, row.owner_read),
            other: participant(row.other, row.other_read),
            context,
            last_sequence: row.last_sequence,
            last_message: row.last_message.map(Time::from_micros),
            created: Time::from_micros(row.created),
        };
        Ok(Stored::new(row.version, conversation))
    }

    fn to_row(&self, version: i64) -> row::Model {
        let (product, trade) = match self.context {
            Context::General => (None, None),
            Context::Product(product) => (Some(product.uuid()), None),
            Context::Order(order) => (None, Some(order.uuid())),
        };
        row::Model {
            id: self.id.uuid(),
            version,
            owner: self.opener.organisation.uuid(),
            other: self.other.organisation.uuid(),
            product,
            trade,
            last_sequence: self.last_sequence,
            last_message: self.last_message.map(Time::micros),
            owner_read: self.opener.read,
            other_read: self.other.read,
            created: self.created.micros(),
            activity: self.activity().micros(),
        }
    }
}
