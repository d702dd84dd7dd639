//! Reading what the caller may know of. Somebody else's thing is as good as none.

use kernel::{ConversationId, NotificationId, OrganisationId};
use runtime::Problem;
use store::Stored;

use super::Api;
use crate::domain::{conversation::Conversation, notification::Notification};

/// A conversation that the organisation takes part in.
pub(super) async fn conversation(api: &Api, organisation: OrganisationId, id: ConversationId) -> Result<Stored<Conversation>, Problem> {
    let found = api.store.get::<Conversation>(id).await?;
    found
        .filter(|conversation| conversation.has(organisation))
        .ok_or_else(|| Problem::not_found("conversation"))
}

/// A notification of the organisation's own.
pub(super) async fn notification(api: &Api, organisation: OrganisationId, id: NotificationId) -> Result<Stored<Notification>, Problem> {
    let found = api.store.get::<Notification>(id).await?;
    found
        .filter(|notification| notification.recipient == organisation)
        .ok_or_else(|| Problem::not_found("notification"))
}
