//! Everything up to a sequence has been read.

use kernel::ConversationId;
use proto::messaging::v1::{self as v1, MarkReadRequest};
use runtime::{Violations, auth::principal};
use store::Cause;
use tonic::{Request, Status};

use super::{Api, present, read};
use crate::domain::{Refusal, conversation::Conversation};

pub(super) async fn handle(api: &Api, request: &Request<MarkReadRequest>) -> Result<v1::Conversation, Status> {
    let own = principal(request)?.organisation;
    let request = request.get_ref();
    let mut check = Violations::new();
    let id = check.id::<ConversationId>("conversation_id", &request.conversation_id);
    check.require(request.sequence > 0, "sequence", "must be the sequence of a message");
    let id = check.finish(id)?;
    read::conversation(api, own, id).await?;

    let sequence = request.sequence;
    let cause = Cause::request(own, "MarkRead", &request.request_id, request);
    let read = move |conversation: &mut Conversation| conversation.mark_read(own, sequence);
    let read = api.store.update::<Conversation, Refusal, _>(cause, id, read).await?;
    Ok(present::conversation(&read))
}
