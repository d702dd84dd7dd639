//! An order that is not placed yet: all that the steps of a checkout need to be repeated or taken back.

use kernel::{Currency, Money, MoneyError, OrderId, OrganisationId, QuotationId};
use serde::{Deserialize, Serialize};

use super::Line;

/// What a buyer is about to order from one seller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Draft {
    /// The id that the order will have.
    pub(crate) order: OrderId,
    /// Who sells.
    pub(crate) seller: OrganisationId,
    /// What.
    pub(crate) lines: Vec<DraftLine>,
    /// The quotation that set the prices, and its freight for the whole order.
    pub(crate) quoted: Option<(QuotationId, Money)>,
}

/// A line, and what is forgotten once it is placed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DraftLine {
    /// What will be frozen on the order.
    pub(crate) line: Line,
    /// The weight of one piece.
    pub(crate) weight_mg: i64,
    /// What the client called it, such as `lines[1]`.
    pub(crate) field: String,
}

impl Draft {
    /// The currency of all its lines.
    pub(crate) fn currency(&self) -> Currency {
        self.lines
            .first()
            .map(|draft| draft.line.net.currency())
            .expect("a draft is made of at least one line")
    }

    /// Gross lines plus freight.
    ///
    /// # Errors
    /// A sum beyond 64 bits, or freight in another currency.
    pub(crate) fn total(&self, freight: Money) -> Result<Money, MoneyError> {
        Money::sum(self.currency(), self.lines.iter().map(|draft| draft.line.gross))?.checked_add(freight)
    }

    /// The platform's fee over all lines.
    ///
    /// # Errors
    /// A sum beyond 64 bits.
    pub(crate) fn fee(&self) -> Result<Money, MoneyError> {
        Money::sum(self.currency(), self.lines.iter().map(|draft| draft.line.fee))
    }
}

/// What a client calls a part of a line: `lines[1].quantity`. The lines
/// of a quotation have no such parts, because the client named it whole.
pub(crate) fn part_of(field: &str, part: &str) -> String {
    if field.starts_with("quotation_ids") {
        field.to_owned()
    } else {
        format!("{field}.{part}")
    }
}
