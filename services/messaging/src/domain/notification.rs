//! A notification: what something that happened elsewhere means for one organisation.

use kernel::{EventId, NotificationId, OrganisationId, Time};

use super::{
    Refusal,
    news::{News, Notice},
};

kernel::named! {
    /// What it tells of. Clients tell kinds apart by their names.
    pub(crate) enum Kind {
        OrderPlaced = "order_placed",
        OrderPaid = "order_paid",
        OrderShipped = "order_shipped",
        OrderDelivered = "order_delivered",
        OrderAccepted = "order_accepted",
        OrderCompleted = "order_completed",
        OrderCancelled = "order_cancelled",
        CancellationRequested = "cancellation_requested",
        CancellationRefused = "cancellation_refused",
        CheckoutFailed = "checkout_failed",
        QuotationReceived = "quotation_received",
        QuotationUsed = "quotation_used",
        QuotationDeclined = "quotation_declined",
        QuotationWithdrawn = "quotation_withdrawn",
        QuotationExpired = "quotation_expired",
        PaymentDeclined = "payment_declined",
        WalletToppedUp = "wallet_topped_up",
        EscrowReleased = "escrow_released",
        RefundReceived = "refund_received",
        PayoutPaid = "payout_paid",
        PayoutFailed = "payout_failed",
        PayoutReturned = "payout_returned",
        ReviewReceived = "review_received",
    }
}

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
