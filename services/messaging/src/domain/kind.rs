//! The kinds of notifications.

kernel::named! {
    /// What a notification tells of. Clients tell kinds apart by their names.
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
