//! A message: written once, never changed.

use kernel::{AccountId, ConversationId, MessageId, OrganisationId, QuotationId, Time};

/// What somebody wants to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Draft {
    /// The id that the message will have.
    pub(crate) id: MessageId,
    /// For whom it is said.
    pub(crate) sender: OrganisationId,
    /// Who says it.
    pub(crate) account: AccountId,
    /// In words.
    pub(crate) text: String,
    /// A quotation that it hands over.
    pub(crate) quotation: Option<QuotationId>,
}

/// What was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    /// Where.
    pub(crate) conversation: ConversationId,
    /// Its place: 1, 2, 3 … without gaps.
    pub(crate) sequence: i64,
    /// What.
    pub(crate) draft: Draft,
    /// When; never before the message in front of it.
    pub(crate) created: Time,
}
