//! What messaging tells the others. A message's text stays where it was written.

use proto::messaging::v1::MessageSent;
use store::Fact;

use crate::domain::{conversation::Conversation, message::Message};

/// The subject of [`message_sent`].
pub(crate) const MESSAGE_SENT: &str = "messaging.v1.message_sent";

/// A message was written; its conversation's followers may read it.
pub(crate) fn message_sent(conversation: &Conversation, message: &Message) -> Fact {
    let participants = [conversation.opener.organisation, conversation.other.organisation];
    let body = MessageSent {
        conversation_id: conversation.id.to_string(),
        message_id: message.draft.id.to_string(),
        sequence: message.sequence,
        sender_organisation_id: message.draft.sender.to_string(),
        participant_ids: participants.map(|participant| participant.to_string()).into(),
    };
    Fact::new(MESSAGE_SENT, conversation.id, participants, &body)
}
