//! Notifications.

use kernel::{NotificationId, OrganisationId, Time};
use store::{Aggregate, Corrupt, Stored};

use crate::domain::{kind::Kind, notification::Notification};

pub(crate) mod row {
    //! The table `notifications`.

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "notifications")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: Uuid,
        pub(crate) version: i64,
        pub(crate) owner: Uuid,
        pub(crate) kind: String,
        pub(crate) reference: String,
        pub(crate) text: String,
        pub(crate) read: bool,
        pub(crate) created: i64,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl Aggregate for Notification {
    type Id = NotificationId;
    type Entity = row::Entity;
    const KIND: &'static str = "notification";

    fn id(&self) -> NotificationId {
        self.id
    }

    fn from_row(row: row::Model) -> Result<Stored<Self>, Corrupt> {
        let notification = Self {
            id: NotificationId::from_uuid(row.id),
            recipient: OrganisationId::from_uuid(row.owner),
            kind: Kind::named(&row.kind).ok_or_else(|| Corrupt::new("notifications", "kind"))?,
            reference: row.reference,
            text: row.text,
            read: row.read,
            created: Time::from_micros(row.created),
        };
        Ok(Stored::new(row.version, notification))
    }

    fn to_row(&self, version: i64) -> row::Model {
        row::Model {
            id: self.id.uuid(),
            version,
            owner: self.recipient.uuid(),
            kind: self.kind.name().to_owned(),
            reference: self.reference.clone(),
            text: self.text.clone(),
            read: self.read,
            created: self.created.micros(),
        }
    }
}
