//! The nouns of messaging. Pure.

pub(crate) mod context;
pub(crate) mod conversation;
pub(crate) mod kind;
pub(crate) mod message;
pub(crate) mod news;
pub(crate) mod notification;
pub(crate) mod trade;

use kernel::OrderId;

/// Why the domain says no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    /// There is none, or none that the caller takes part in.
    #[error("there is no such conversation")]
    NoSuchConversation,
    /// There is none, or it is somebody else's.
    #[error("there is no such notification")]
    NoSuchNotification,
    /// A conversation needs two.
    #[error("must be another organisation than your own")]
    OwnOrganisation,
    /// Nobody told us of this order, or it is not between these two: the two cannot be told apart from outside.
    #[error("no order {order} between the two organisations is known here; one that was placed a moment ago may need another try")]
    OrderNotKnown { order: OrderId },
    /// Nothing can be read before it is written.
    #[error("must be at most {last}, the sequence of the newest message")]
    NotYetWritten { last: i64 },
}
