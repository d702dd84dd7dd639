//! A conversation of two organisations. There is one for each pair and context, and it counts its messages itself.

use kernel::{ConversationId, OrganisationId, Time};

use super::{
    Refusal,
    context::Context,
    message::{Draft, Message},
};

/// One of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Participant {
    /// Who.
    pub(crate) organisation: OrganisationId,
    /// Everything up to here has been read; 0 is nothing.
    pub(crate) read: i64,
}

impl Participant {
    const fn new(organisation: OrganisationId) -> Self {
        Self { organisation, read: 0 }
    }
}

/// A conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Conversation {
    /// Follows from the two and the context.
    pub(crate) id: ConversationId,
    /// Who opened it; the owner.
    pub(crate) opener: Participant,
    /// With whom.
    pub(crate) other: Participant,
    /// About what.
    pub(crate) context: Context,
    /// The sequence of the newest message; 0 when there is none.
    pub(crate) last_sequence: i64,
    /// When the newest message was written, if there is one.
    pub(crate) last_message: Option<Time>,
    /// When it was opened.
    pub(crate) created: Time,
}

impl Conversation {
    /// The id of the one conversation that these two have about this, whoever of them opens it.
    pub(crate) fn id_of(one: OrganisationId, other: OrganisationId, context: Context) -> ConversationId {
        let (first, second) = (one.min(other), one.max(other));
        ConversationId::derived(first, &format!("{second} {}", context.name()))
    }

    /// A conversation without messages.
    ///
    /// # Errors
    /// One organisation alone.
    pub(crate) fn open(opener: OrganisationId, other: OrganisationId, context: Context, now: Time) -> Result<Self, Refusal> {
        if opener == other {
            return Err(Refusal::OwnOrganisation);
        }
        Ok(Self {
            id: Self::id_of(opener, other, context),
            opener: Participant::new(opener),
            other: Participant::new(other),
            context,
            last_sequence: 0,
            last_message: None,
            created: now,
        })
    }

    /// Whether the organisation takes part.
    pub(crate) fn has(&self, organisation: OrganisationId) -> bool {
        [self.opener.organisation, self.other.organisation].contains(&organisation)
    }

    /// When something happened last: its place in lists.
    pub(crate) fn activity(&self) -> Time {
        self.last_message.unwrap_or(self.created)
    }

    /// The next message. Whoever had read everything before has read their own message too.
    ///
    /// # Errors
    /// A sender who does not take part.
    pub(crate) fn send(&mut self, draft: Draft, now: Time) -> Result<Message, Refusal> {
        let last = self.last_sequence;
        let sender = self.participant(draft.sender)?;
        if sender.read == last {
            sender.read = last + 1;
        }
        // The clocks of two replicas may differ; what is said later is not older.
        let created = now.max(self.activity());
        self.last_sequence = last + 1;
        self.last_message = Some(created);
        Ok(Message {
            conversation: self.id,
            sequence: self.last_sequence,
            draft,
            created,
        })
    }

    /// Everything up to a sequence has been read. What was read stays read.
    ///
    /// # Errors
    /// A reader who does not take part, or messages that are not there yet.
    pub(crate) fn mark_read(&mut self, reader: OrganisationId, sequence: i64) -> Result<(), Refusal> {
        let last = self.last_sequence;
        let reader = self.participant(reader)?;
        if sequence > last {
            return Err(Refusal::NotYetWritten { last });
        }
        reader.read = reader.read.max(sequence);
        Ok(())
    }

    fn participant(&mut self, organisation: OrganisationId) -> Result<&mut Participant, Refusal> {
        [&mut self.opener, &mut self.other]
            .into_iter()
            .find(|participant| participant.organisation == organisation)
            .ok_or(Refusal::NoSuchConversation)
    }
}

#[cfg(test)]
#[path = "conversation_tests.rs"]
mod tests;
