//! Writes the next message of a conversation.

use kernel::{ConversationId, MessageId, QuotationId};
use proto::messaging::v1::{self as v1, SendMessageRequest};
use runtime::{Violations, auth::principal};
use store::{Cause, Keys, Work};
use tonic::{Request, Status};

use super::{Api, present};
use crate::{
    domain::{Refusal, conversation::Conversation, message::Draft},
    store::{facts, message::row},
};

/// The most characters that a message has.
const LONGEST: usize = 4_000;

pub(super) async fn handle(api: &Api, request: &Request<SendMessageRequest>) -> Result<v1::Message, Status> {
    let principal = principal(request)?;
    let request = request.get_ref();
    let mut check = Violations::new();
    check.require(
        !request.request_id.is_empty(),
        "request_id",
        "is required: your own id of the message",
    );
    let id = check.id::<ConversationId>("conversation_id", &request.conversation_id);
    let text = check.text("text", &request.text, 1..=LONGEST);
    let quotation = check.optional_id::<QuotationId>("quotation_id", &request.quotation_id);
    let id = check.finish(id)?;

    let now = api.now();
    let draft = Draft {
        id: MessageId::at(now),
        sender: principal.organisation,
        account: principal.account,
        text,
        quotation,
    };
    let cause = Cause::request(principal.organisation, "SendMessage", &request.request_id, request);
    let send = move |work: &mut Work| {
        let conversation = work.change::<Conversation>(id).ok_or(Refusal::NoSuchConversation)?;
        let message = conversation.send(draft.clone(), now)?;
        let fact = facts::message_sent(conversation, &message);
        let answer = present::message(&message);
        work.emit(fact);
        work.append(row::Model::from(message));
        Ok(answer)
    };
    let keys = Keys::new().one::<Conversation>(id);
    let sent = api.store.execute::<v1::Message, Refusal, _>(cause, keys, send).await?;
    api.live.written(id);
    Ok(sent)
}
