//! A notification: what something that happened elsewhere means for one organisation.

use kernel::{EventId, NotificationId, OrganisationId, Time};

use super::{
    Refusal,
    kind::Kind,
    news::{News, Notice},
};

/// A notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Notification {
    /// Follows from the event and the recipient.
    pub(crate) id: NotificationId,
    /// For whom; the owner.
    pub(crate) recipient: OrganisationId,
    /// What it tells of.
    pub(crate) kind: Kind,
    /// The id of the order, checkout, quotation, payment, payout or review that it is about.
    pub(crate) reference: String,
    /// In words, with ids and amounts only.
    pub(crate) text: String,
    /// Whether the recipient has seen it.
    pub(crate) read: bool,
    /// When it happened.
    pub(crate) created: Time,
}

impl Notification {
    /// The notifications that an event makes: one for each recipient, and the same ones whenever the event comes again.
    pub(crate) fn of(event: EventId, happened: Time, news: &News) -> Vec<Self> {
        let reference = news.reference();
        let notify = |Notice { recipient, kind, text }| Self {
            id: NotificationId::derived(event, &recipient.to_string()),
            recipient,
            kind,
            reference: reference.clone(),
            text,
            read: false,
            created: happened,
        };
        news.notices().into_iter().map(notify).collect()
    }

    /// The recipient has seen it, perhaps again.
    ///
    /// # Errors
    /// Somebody else's notification.
    pub(crate) fn mark_read(&mut self, reader: OrganisationId) -> Result<(), Refusal> {
        if self.recipient != reader {
            return Err(Refusal::NoSuchNotification);
        }
        self.read = true;
        Ok(())
    }
}
