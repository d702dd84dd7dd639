//! A conversation, for those who take part in it.

use kernel::ConversationId;
use proto::messaging::v1::{Conversation, GetConversationRequest};
use runtime::{auth::principal, parse_id};
use tonic::{Request, Status};

use super::{Api, present, read};

pub(super) async fn handle(api: &Api, request: &Request<GetConversationRequest>) -> Result<Conversation, Status> {
    let principal = principal(request)?;
    let id = parse_id::<ConversationId>("conversation_id", &request.get_ref().conversation_id)?;
    Ok(present::conversation(&read::conversation(api, principal.organisation, id).await?))
}
