//! Messages after a sequence, in order.

use kernel::{ConversationId, PageSize};
use proto::messaging::v1::{ListMessagesRequest, ListMessagesResponse};
use runtime::{Violations, auth::principal};
use store::unread;
use tonic::{Request, Status};

use super::{Api, present, read};
use crate::store::message;

pub(super) async fn handle(api: &Api, request: &Request<ListMessagesRequest>) -> Result<ListMessagesResponse, Status> {
    let principal = principal(request)?;
    let request = request.get_ref();
    let mut check = Violations::new();
    let id = check.id::<ConversationId>("conversation_id", &request.conversation_id);
    check.require(request.after_sequence >= 0, "after_sequence", "must not be negative");
    let size = PageSize::parse(request.page_size).map_err(|error| check.add("page_size", error.to_string()));
    let (id, size) = check.finish((id, size.ok()))?;
    read::conversation(api, principal.organisation, id).await?;
    let messages = message::after(api.store.db(), id, request.after_sequence, size.get()).await;
    Ok(ListMessagesResponse {
        messages: messages.map_err(unread)?.iter().map(present::message).collect(),
    })
}
