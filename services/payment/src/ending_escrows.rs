//! Ending escrows as order decides. What it decides of an escrow that is not there yet is an instruction: a row, and a durable timer that
//! looks for the escrow until it is there. So an order's facts may come in whatever order with its money, and the first of them counts.

use events::Failure;
use kernel::{OrderId, Time, TransferId};
use store::{Cause, DueTimer, Keys, Store, Stored, Timer, Work};

use crate::{
    books,
    domain::{
        Refusal,
        account::{AccountKey, Kind},
        escrow::{Ending, Escrow, Instruction},
        transfer::{Code, Mode, Transfer},
    },
    store::facts,
};

/// The timer that looks for an escrow that there is an instruction about.
pub(crate) const LOOK: &str = "look_for_escrow";

/// Order has decided: this escrow ends, now or as soon as it is there. What was instructed before comes first.
pub(crate) async fn end(store: &Store, cause: Cause, order: OrderId, ending: Ending) -> Result<(), Failure> {
    let Some(known) = store.get::<Escrow>(order).await? else {
        return remember(store, cause, order, ending).await;
    };
    match waiting(store, order).await? {
        Some(instruction) => carry_out(store, cause, &known, &instruction).await,
        None => {
            let parties = Parties::of(&known);
            let now = store.clock().now();
            let end = move |work: &mut Work| parties.end(work, ending, now);
            Ok(store.execute::<(), _, _>(cause, parties.keys(ending), end).await?)
        }
    }
}

/// An instruction that was not carried out yet.
async fn waiting(store: &Store, order: OrderId) -> Result<Option<Stored<Instruction>>, Failure> {
    Ok(store
        .get::<Instruction>(order)
        .await?
        .filter(|instruction| !instruction.carried_out))
}

async fn remember(store: &Store, cause: Cause, order: OrderId, ending: Ending) -> Result<(), Failure> {
    let now = store.clock().now();
    let remember = move |work: &mut Work| {
        if work.get::<Instruction>(order).is_none() {
            let instruction = Instruction::new(order, ending, now);
            work.schedule(Timer::new(LOOK, order, instruction.look_at(now)));
            work.insert(instruction);
        }
        Ok::<_, Refusal>(())
    };
    Ok(store
        .execute::<(), _, _>(cause, Keys::new().one::<Instruction>(order), remember)
        .await?)
}

/// Carries an instruction out, or looks again later.
pub(crate) async fn look(store: Store, due: DueTimer) -> Result<(), Failure> {
    let order = OrderId::from_uuid(due.aggregate);
    let Some(instruction) = waiting(&store, order).await? else {
        return Ok(());
    };
    if let Some(known) = store.get::<Escrow>(order).await? {
        return carry_out(&store, Cause::told_by_rows(), &known, &instruction).await;
    }
    let now = store.clock().now();
    let later = move |work: &mut Work| Ok::<_, Refusal>(work.schedule(Timer::new(LOOK, order, instruction.look_at(now))));
    Ok(store.execute::<(), _, _>(Cause::told_by_rows(), Keys::new(), later).await?)
}

async fn carry_out(store: &Store, cause: Cause, known: &Escrow, instruction: &Instruction) -> Result<(), Failure> {
    let (order, parties) = (known.order, Parties::of(known));
    let keys = parties.keys(instruction.ending).one::<Instruction>(order);
    let now = store.clock().now();
    let carry_out = move |work: &mut Work| match work.change::<Instruction>(order).and_then(Instruction::carry_out) {
        Some(ending) => parties.end(work, ending, now),
        None => Ok(()),
    };
    Ok(store.execute::<(), _, _>(cause, keys, carry_out).await?)
}

/// An escrow's account, and those that it may end in. They never change.
#[derive(Clone, Copy)]
struct Parties {
    order: OrderId,
    escrow: AccountKey,
    buyer: AccountKey,
    seller: AccountKey,
    fees: AccountKey,
}

impl Parties {
    fn of(escrow: &Escrow) -> Self {
        let (order, currency) = (escrow.order, escrow.funded.currency());
        Self {
            order,
            escrow: AccountKey::escrow(order, escrow.buyer, currency),
            buyer: AccountKey::wallet(escrow.buyer, currency),
            seller: AccountKey::wallet(escrow.seller, currency),
            fees: AccountKey::platform(Kind::Fees, order, currency),
        }
    }

    /// Everything that this ending touches.
    fn keys(&self, ending: Ending) -> Keys {
        let keys = Keys::new().one::<Escrow>(self.order);
        match ending {
            Ending::Release => books::keys(keys, [self.escrow, self.seller, self.fees]),
            Ending::Refund => books::keys(keys, [self.escrow, self.buyer]),
        }
    }

    /// Moves what is held. When nothing is any more, the escrow has ended before: known.
    fn end(&self, work: &mut Work, ending: Ending, now: Time) -> Result<(), Refusal> {
        let escrow = work.change::<Escrow>(self.order).ok_or(Refusal::NoSuchPayment)?;
        let (moves, fact) = match ending {
            Ending::Release => {
                let Some((to_seller, fee)) = escrow.release()? else { return Ok(()) };
                let fact = facts::escrow_released(escrow, to_seller.checked_add(fee)?, fee);
                (vec![(Code::Sale, self.seller, to_seller), (Code::Fee, self.fees, fee)], fact)
            }
            Ending::Refund => {
                let Some(amount) = escrow.refund()? else { return Ok(()) };
                (vec![(Code::Refund, self.buyer, amount)], facts::escrow_refunded(escrow, amount))
            }
        };
        // A ledger has no transfer of nothing.
        for (code, credit, amount) in moves.into_iter().filter(|(.., amount)| amount.is_positive()) {
            let transfer = Transfer {
                id: TransferId::derived(self.order, code.name()),
                mode: Mode::Single,
                debit: self.escrow,
                credit,
                amount: amount.minor_units(),
                code,
                reference: self.order.uuid(),
            };
            books::post(work, &transfer, now)?;
        }
        work.emit(fact);
        Ok(())
    }
}
