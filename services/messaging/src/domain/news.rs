//! What happened elsewhere, and to whom it matters. Whoever did it is not told, unless something came of it that they wait for.

use kernel::{CheckoutId, Money, OrderId, OrganisationId, PaymentId, PayoutId, QuotationId, ReviewId};

use super::{kind::Kind, trade::Trade};

/// Something that happened in another service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum News {
    /// An order went on.
    Order { trade: Trade, total: Money, step: OrderStep },
    /// The goods had left before they could be held back.
    CancellationRefused { order: OrderId, buyer: OrganisationId },
    /// A quotation went on.
    Quotation {
        quotation: QuotationId,
        buyer: OrganisationId,
        seller: OrganisationId,
        total: Money,
        step: QuotationStep,
    },
    /// A checkout came to nothing.
    CheckoutFailed {
        checkout: CheckoutId,
        buyer: OrganisationId,
        reason: String,
    },
    /// A try to pay failed.
    PaymentDeclined {
        payment: PaymentId,
        payer: OrganisationId,
        reason: String,
    },
    /// Money came into a wallet.
    ToppedUp {
        payment: PaymentId,
        owner: OrganisationId,
        amount: Money,
    },
    /// Escrowed money went to the seller, the fee included in the amount.
    Released {
        order: OrderId,
        seller: OrganisationId,
        amount: Money,
        fee: Money,
    },
    /// Escrowed money went back to the buyer.
    Refunded {
        order: OrderId,
        buyer: OrganisationId,
        amount: Money,
    },
    /// The bank took a payout.
    PaidOut {
        payout: PayoutId,
        owner: OrganisationId,
        amount: Money,
    },
    /// The bank refused a payout.
    PayoutFailed {
        payout: PayoutId,
        owner: OrganisationId,
        amount: Money,
        reason: String,
    },
    /// The bank took a payout and sent it back later.
    PayoutReturned {
        payout: PayoutId,
        owner: OrganisationId,
        amount: Money,
        reason: String,
    },
    /// A buyer said what they think.
    Reviewed { review: ReviewId, seller: OrganisationId },
    /// A seller said what they think.
    BuyerReviewed { review: ReviewId, buyer: OrganisationId },
}

/// How an order went on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum OrderStep {
    Placed,
    Paid,
    Shipped,
    Delivered,
    Accepted,
    Completed,
    Cancelled { reason: String },
    CancellationRequested,
}

/// How a quotation went on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum QuotationStep {
    Created,
    Used,
    Declined,
    Withdrawn,
    Expired,
}

/// What one organisation is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Notice {
    pub(crate) recipient: OrganisationId,
    pub(crate) kind: Kind,
    pub(crate) text: String,
}

fn notice(recipient: OrganisationId, kind: Kind, text: impl Into<String>) -> Notice {
    let text = text.into();
    Notice { recipient, kind, text }
}

impl News {
    /// The id of what it is about.
    pub(crate) fn reference(&self) -> String {
        match self {
            Self::Order { trade, .. } => trade.order.to_string(),
            Self::Quotation { quotation, .. } => quotation.to_string(),
            Self::CheckoutFailed { checkout, .. } => checkout.to_string(),
            Self::PaymentDeclined { payment, .. } | Self::ToppedUp { payment, .. } => payment.to_string(),
            Self::CancellationRefused { order, .. } | Self::Released { order, .. } | Self::Refunded { order, .. } => order.to_string(),
            Self::PaidOut { payout, .. } | Self::PayoutFailed { payout, .. } | Self::PayoutReturned { payout, .. } => payout.to_string(),
            Self::Reviewed { review, .. } | Self::BuyerReviewed { review, .. } => review.to_string(),
        }
    }

    /// Who is told, and what: at most one notice for each organisation.
    pub(crate) fn notices(&self) -> Vec<Notice> {
        match self {
            Self::Order { trade, total, step } => order(trade, *total, step),
            Self::CancellationRefused { buyer, .. } => {
                let text = "Your order had left already and could not be cancelled.";
                vec![notice(*buyer, Kind::CancellationRefused, text)]
            }
            Self::Quotation {
                buyer,
                seller,
                total,
                step,
                ..
            } => vec![quotation(*buyer, *seller, *total, *step)],
            Self::CheckoutFailed { buyer, reason, .. } => {
                let text = format!("Your checkout could not be completed ({reason}); nothing was charged.");
                vec![notice(*buyer, Kind::CheckoutFailed, text)]
            }
            Self::PaymentDeclined { payer, reason, .. } => {
                let text = format!("Your payment was declined ({reason}). Try again or pay another way.");
                vec![notice(*payer, Kind::PaymentDeclined, text)]
            }
            Self::ToppedUp { owner, amount, .. } => {
                vec![notice(*owner, Kind::WalletToppedUp, format!("{amount} came into your wallet."))]
            }
            Self::Released { seller, amount, fee, .. } => {
                let text = format!("{amount} less a fee of {fee} came out of escrow into your wallet.");
                vec![notice(*seller, Kind::EscrowReleased, text)]
            }
            Self::Refunded { buyer, amount, .. } => {
                let text = format!("{amount} came back from escrow into your wallet.");
                vec![notice(*buyer, Kind::RefundReceived, text)]
            }
            Self::PaidOut { owner, amount, .. } => {
                vec![notice(*owner, Kind::PayoutPaid, format!("{amount} went to your bank account."))]
            }
            Self::PayoutFailed { owner, amount, reason, .. } => {
                let text = format!("The bank refused {amount} ({reason}); it is in your wallet again.");
                vec![notice(*owner, Kind::PayoutFailed, text)]
            }
            Self::PayoutReturned { owner, amount, reason, .. } => {
                let text = format!("The bank sent {amount} back ({reason}); it is in your wallet again.");
                vec![notice(*owner, Kind::PayoutReturned, text)]
            }
            Self::Reviewed { seller, .. } => vec![notice(*seller, Kind::ReviewReceived, "A buyer reviewed what you sold.")],
            Self::BuyerReviewed { buyer, .. } => vec![notice(*buyer, Kind::ReviewReceived, "A seller reviewed you as a buyer.")],
        }
    }
}

fn order(trade: &Trade, total: Money, step: &OrderStep) -> Vec<Notice> {
    let buyer = |kind, text: String| notice(trade.buyer, kind, text);
    let seller = |kind, text: String| notice(trade.seller, kind, text);
    match step {
        OrderStep::Placed => vec![seller(
            Kind::OrderPlaced,
            format!("An order of {total} was placed. It waits for payment."),
        )],
        OrderStep::Paid => vec![
            seller(
                Kind::OrderPaid,
                format!("An order of {total} was paid. The money is in escrow: ship the goods."),
            ),
            buyer(
                Kind::OrderPaid,
                format!("Your payment of {total} is in escrow until you have the goods."),
            ),
        ],
        OrderStep::Shipped => vec![buyer(Kind::OrderShipped, format!("Your order of {total} is on its way."))],
        OrderStep::Delivered => vec![
            seller(Kind::OrderDelivered, format!("The order of {total} was delivered.")),
            buyer(
                Kind::OrderDelivered,
                format!(
                    "Your order of {total} was delivered. Look at the goods and accept it; when the inspection time is over, it is accepted by itself and the \
                     seller is paid. If something is wrong, write to the seller."
                ),
            ),
        ],
        OrderStep::Accepted => vec![seller(
            Kind::OrderAccepted,
            format!("The order of {total} was accepted. The money is being released."),
        )],
        OrderStep::Completed => vec![
            seller(Kind::OrderCompleted, format!("The order of {total} is completed.")),
            buyer(
                Kind::OrderCompleted,
                format!("Your order of {total} is completed. You may review it."),
            ),
        ],
        OrderStep::Cancelled { reason } => vec![
            seller(Kind::OrderCancelled, format!("The order of {total} was cancelled ({reason}).")),
            buyer(Kind::OrderCancelled, format!("Your order of {total} was cancelled ({reason}).")),
        ],
        OrderStep::CancellationRequested => vec![seller(
            Kind::CancellationRequested,
            format!("The order of {total} shall be cancelled. Do not ship it."),
        )],
    }
}

fn quotation(buyer: OrganisationId, seller: OrganisationId, total: Money, step: QuotationStep) -> Notice {
    match step {
        QuotationStep::Created => notice(buyer, Kind::QuotationReceived, format!("You have a quotation of {total}.")),
        QuotationStep::Used => notice(
            seller,
            Kind::QuotationUsed,
            format!("Your quotation of {total} was taken into a checkout."),
        ),
        QuotationStep::Declined => notice(seller, Kind::QuotationDeclined, format!("Your quotation of {total} was declined.")),
        QuotationStep::Withdrawn => notice(buyer, Kind::QuotationWithdrawn, format!("The quotation of {total} was withdrawn.")),
        QuotationStep::Expired => notice(seller, Kind::QuotationExpired, format!("Your quotation of {total} has expired.")),
    }
}

#[cfg(test)]
#[path = "news_tests.rs"]
mod tests;
