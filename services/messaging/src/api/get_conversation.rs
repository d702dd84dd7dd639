//! A conversation, for those who take part in it.

use kernel::ConversationId;
use proto::messaging::v1::{Conversation, GetConversationRequest};
use runtime::{Violations, auth::principal};
use tonic::{Request, Status};

use super::{Api, present, read};

pub(super) async fn handle(api: &Api, request: &Request<GetConversationRequest>) -> Result<Conversation, Status> {
    let principal = principal(request)?;
    let mut check = Violations::new();
    let id = check.id::<ConversationId>("conversation_id", &request.get_ref().conversation_id);
    check.check()?;
    let id = id.expect("a bad id ended the request");
    Ok(present::conversation(&read::conversation(api, principal.organisation, id).await?))
}
