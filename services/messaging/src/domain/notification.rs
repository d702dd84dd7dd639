//! A notification: what something that happened elsewhere means for one organisation.

use kernel::{EventId, NotificationId, OrganisationId, Time};

use super::{
    Refusal,
    news::{News, Notice},
};

/// What it tells of. Clients tell kinds apart by their names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    OrderPlaced,
    OrderPaid,
    OrderShipped,
    OrderDelivered,
    OrderAccepted,
    OrderCompleted,
    OrderCancelled,
    CancellationRequested,
    CancellationRefused,
    CheckoutFailed,
    QuotationReceived,
    QuotationUsed,
    QuotationDeclined,
    QuotationWithdrawn,
    QuotationExpired,
    PaymentDeclined,
    WalletToppedUp,
    EscrowReleased,
    RefundReceived,
    PayoutPaid,
    PayoutFailed,
    PayoutReturned,
    ReviewReceived,
}

impl Kind {
    pub(crate) const ALL: [Self; 23] = [
        Self::OrderPlaced,
        Self::OrderPaid,
        Self::OrderShipped,
        Self::OrderDelivered,
        Self::OrderAccepted,
        Self::OrderCompleted,
        Self::OrderCancelled,
        Self::CancellationRequested,
        Self::CancellationRefused,
        Self::CheckoutFailed,
        Self::QuotationReceived,
        Self::QuotationUsed,
        Self::QuotationDeclined,
        Self::QuotationWithdrawn,
        Self::QuotationExpired,
        Self::PaymentDeclined,
        Self::WalletToppedUp,
        Self::EscrowReleased,
        Self::RefundReceived,
        Self::PayoutPaid,
        Self::PayoutFailed,
        Self::PayoutReturned,
        Self::ReviewReceived,
    ];

    /// Its name, as messages and the database write it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::OrderPlaced => "order_placed",
            Self::OrderPaid => "order_paid",
            Self::OrderShipped => "order_shipped",
            Self::OrderDelivered => "order_delivered",
            Self::OrderAccepted => "order_accepted",
            Self::OrderCompleted => "order_completed",
            Self::OrderCancelled => "order_cancelled",
            Self::CancellationRequested => "cancellation_requested",
            Self::CancellationRefused => "cancellation_refused",
            Self::CheckoutFailed => "checkout_failed",
            Self::QuotationReceived => "quotation_received",
            Self::QuotationUsed => "quotation_used",
            Self::QuotationDeclined => "quotation_declined",
            Self::QuotationWithdrawn => "quotation_withdrawn",
            Self::QuotationExpired => "quotation_expired",
            Self::PaymentDeclined => "payment_declined",
            Self::WalletToppedUp => "wallet_topped_up",
            Self::EscrowReleased => "escrow_released",
            Self::RefundReceived => "refund_received",
            Self::PayoutPaid => "payout_paid",
            Self::PayoutFailed => "payout_failed",
            Self::PayoutReturned => "payout_returned",
            Self::ReviewReceived => "review_received",
        }
    }

    /// The kind of this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_found_by_its_own_name() {
        for kind in Kind::ALL {
            assert_eq!(Kind::named(kind.name()), Some(kind));
        }
        assert_eq!(Kind::named("order"), None);
    }
}
