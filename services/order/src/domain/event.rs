//! What happened to an order, as its methods return it.

/// An order entered a state, or asks something of another service. Nothing but the request to cancel it happens to an order twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Event {
    /// It waits for payment.
    Placed,
    /// Its money is in escrow.
    Paid,
    /// Logistics is asked whether it can still be held back.
    CancellationRequested,
    /// It was handed to a carrier.
    Shipped,
    /// All of it arrived.
    Delivered,
    /// Payment may release its escrow to the seller.
    Accepted,
    /// Payment shall give its escrow back to the buyer.
    RefundRequested,
    /// The seller has the money.
    Completed,
    /// It is over, and nobody keeps anything.
    Cancelled,
}
