//! Double entry: what a transfer does to its accounts. The semantics are TigerBeetle's.

use super::{
    Refusal,
    account::Account,
    pending::Pending,
    transfer::{Mode, Transfer},
};

/// Moves money between a transfer's two accounts, or says why not; then nothing has changed. Whoever posts
/// or voids brings the pending transfer that it names, if there is one.
///
/// Who gives is judged before who takes: whoever does not have the money must not hear whether the
/// other could have taken it, which tells how much that one was ever paid.
pub(crate) fn apply(transfer: &Transfer, debit: &mut Account, credit: &mut Account, pending: Option<&mut Pending>) -> Result<(), Refusal> {
    let amount = transfer.amount;
    assert!(
        amount > 0 && debit.key.id != credit.key.id && debit.key.currency == credit.key.currency,
        "a transfer is checked where it is made"
    );
    let (mut from, mut to) = (debit.clone(), credit.clone());
    let mut resolved = pending.as_deref().cloned();
    let bound = match (transfer.mode.resolves(), &mut resolved) {
        (None, _) => 0,
        (Some(_), None) => return Err(Refusal::NoSuchPendingTransfer),
        (Some(_), Some(resolved)) => {
            resolved.resolve(transfer)?;
            resolved.amount
        }
    };
    let (pending_change, posted) = match transfer.mode {
        Mode::Single => (0, amount),
        Mode::Pending => (amount, 0),
        Mode::Post { .. } => (-bound, amount),
        Mode::Void { .. } => (-bound, 0),
    };
    from.debit(pending_change, posted)?;
    to.credit(pending_change, posted)?;
    from.entries += 1;
    to.entries += 1;
    (*debit, *credit) = (from, to);
    if let (Some(pending), Some(resolved)) = (pending, resolved) {
        *pending = resolved;
    }
    Ok(())
}
