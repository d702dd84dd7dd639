//! Nouns as clients see them.

use proto::messaging::v1::{self as v1, context::Subject};
use runtime::timestamp;
use store::Stored;

use crate::domain::{
    context::Context,
    conversation::{Conversation, Participant},
    message::Message,
    notification::Notification,
};

pub(super) fn conversation(conversation: &Stored<Conversation>) -> v1::Conversation {
    v1::Conversation {
        id: conversation.id.to_string(),
        context: context(conversation.context),
        participants: [conversation.opener, conversation.other].map(participant).into(),
        last_sequence: conversation.last_sequence,
        etag: conversation.etag(),
        create_time: Some(timestamp(conversation.created)),
        last_message_time: conversation.last_message.map(timestamp),
    }
}

fn context(context: Context) -> Option<v1::Context> {
    let subject = match context {
        Context::General => return None,
        Context::Product(product) => Subject::ProductId(product.to_string()),
        Context::Order(order) => Subject::OrderId(order.to_string()),
    };
    Some(v1::Context { subject: Some(subject) })
}

fn participant(participant: Participant) -> v1::Participant {
    v1::Participant {
        organisation_id: participant.organisation.to_string(),
        read_sequence: participant.read,
    }
}

pub(super) fn message(message: &Message) -> v1::Message {
    let draft = &message.draft;
    v1::Message {
        id: draft.id.to_string(),
        conversation_id: message.conversation.to_string(),
        sequence: message.sequence,
        sender_organisation_id: draft.sender.to_string(),
        sender_account_id: draft.account.to_string(),
        text: draft.text.clone(),
        quotation_id: draft.quotation.map_or_else(String::new, |quotation| quotation.to_string()),
        create_time: Some(timestamp(message.created)),
    }
}

pub(super) fn notification(notification: &Notification) -> v1::Notification {
    v1::Notification {
        id: notification.id.to_string(),
        organisation_id: notification.recipient.to_string(),
        kind: notification.kind.name().to_owned(),
        reference: notification.reference.clone(),
        text: notification.text.clone(),
        read: notification.read,
        create_time: Some(timestamp(notification.created)),
    }
}
