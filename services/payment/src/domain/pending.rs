//! Transfers that only bind money until another one posts or voids them (the two-phase transfers of TigerBeetle).

use kernel::{LedgerAccountId, TransferId};

use super::{
    Refusal,
    transfer::{Mode, Transfer},
};

/// A pending transfer, and what became of it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Pending {
    /// The pending transfer's own id.
    pub(crate) id: TransferId,
    /// The account that it binds money of.
    pub(crate) debit: LedgerAccountId,
    /// The account that the money shall go to.
    pub(crate) credit: LedgerAccountId,
    /// What it binds: minor units of the accounts' currency, greater than zero.
    pub(crate) amount: i64,
    /// The transfer that posted or voided it. There is at most one.
    pub(crate) resolved_by: Option<TransferId>,
}

impl Pending {
    /// A transfer that has just been made, in the mode [`Mode::Pending`].
    pub(crate) fn of(transfer: &Transfer) -> Self {
        Self {
            id: transfer.id,
            debit: transfer.debit.id,
            credit: transfer.credit.id,
            amount: transfer.amount,
            resolved_by: None,
        }
    }

    /// Resolves it by a transfer that posts up to its amount, or voids the whole.
    pub(super) fn resolve(&mut self, by: &Transfer) -> Result<(), Refusal> {
        let fits = match by.mode {
            Mode::Post { .. } => by.amount <= self.amount,
            Mode::Void { .. } => by.amount == self.amount,
            Mode::Single | Mode::Pending => unreachable!("only posting and voiding name a pending transfer"),
        };
        if (self.debit, self.credit) != (by.debit.id, by.credit.id) {
            return Err(Refusal::NoSuchPendingTransfer);
        }
        if self.resolved_by.is_some() {
            return Err(Refusal::ResolvedBefore);
        }
        if !fits {
            return Err(Refusal::OtherPendingAmount);
        }
        self.resolved_by = Some(by.id);
        Ok(())
    }
}
