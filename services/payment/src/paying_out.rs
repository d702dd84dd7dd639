//! Paying out: the amount is bound in the wallet by a pending transfer, the
//! bank is asked by a durable timer, and the transfer is posted or voided.

use events::Failure;
use kernel::{PayoutId, Time, TransferId};
use store::{Aggregate, Cause, DueTimer, Error, Keys, Store, Timer, Work};

use crate::{
    books,
    charging::Charging,
    domain::{
        Refusal,
        account::{AccountKey, Kind},
        payout::{Consequence, Payout},
        pending::Pending,
        transfer::{Code, Mode, Transfer},
    },
    providers::PayoutOutcome,
    store::{facts, sandbox_charge::Reference},
};

/// The timer that sends a payout to the bank, and asks again until the bank has said its last word.
pub(crate) const SEND: &str = "send_payout";

/// Everything that a payout touches.
pub(crate) fn keys(payout: &Payout) -> Keys {
    let begun = transfer(payout, Mode::Pending);
    let keys = Keys::new().one::<Payout>(payout.id).one::<Pending>(begun.id);
    books::keys(keys, [begun.debit, begun.credit])
}

/// Begins a payout: its amount is pending in the wallet until the bank has answered.
///
/// # Errors
/// A wallet that does not hold enough.
pub(crate) fn begin(work: &mut Work, payout: &Payout) -> Result<(), Refusal> {
    books::post(work, &transfer(payout, Mode::Pending), payout.created)?;
    work.insert(payout.clone());
    work.schedule(Timer::new(SEND, payout.id, payout.created));
    Ok(())
}

/// Asks the bank, and records what it says.
///
/// # Errors
/// Also while the bank does not say: the timer fails, and with it comes again, later each time.
pub(crate) async fn send(charging: Charging, due: DueTimer) -> Result<(), Failure> {
    let id = PayoutId::from_uuid(due.aggregate);
    let known = charging.store.get::<Payout>(id).await?;
    let Some(payout) = known.filter(|payout| payout.is_under_way()) else {
        return Ok(());
    };
    let provider = charging.provider().map_err(Failure::passing)?;
    let sent = provider
        .pay_out(Reference::derived(id, "payout"), payout.amount, &payout.bank_account_token)
        .await;
    if sent == PayoutOutcome::Silent {
        return Err(Failure::passing("the bank does not say yet"));
    }
    Ok(record(&charging.store, &payout, sent).await?)
}

/// The bank says by itself what became of a payout. It may come twice, late, or before the answer that we wait for.
///
/// # Errors
/// Also a payout that there is not.
pub(crate) async fn heard(store: &Store, id: PayoutId, sent: PayoutOutcome) -> Result<(), Error<Refusal>> {
    let known = store.get::<Payout>(id).await.map_err(Error::of_read)?;
    let known = known.ok_or(Error::NotFound(Payout::KIND))?;
    record(store, &known, sent).await
}

/// Records what the bank says. Of the payout only what never changes is taken for known.
async fn record(store: &Store, payout: &Payout, sent: PayoutOutcome) -> Result<(), Error<Refusal>> {
    let (id, now) = (payout.id, store.clock().now());
    let settle = move |work: &mut Work| settle(work, id, &sent, now);
    store.execute::<(), Refusal, _>(Cause::told_by_rows(), keys(payout), settle).await
}

fn settle(work: &mut Work, id: PayoutId, sent: &PayoutOutcome, now: Time) -> Result<(), Refusal> {
    let Some(payout) = work.change::<Payout>(id) else { return Ok(()) };
    let consequence = match sent {
        PayoutOutcome::InTransit => payout.in_transit(now),
        PayoutOutcome::Paid => payout.paid(now),
        PayoutOutcome::Failed(reason) => payout.failed(reason, now),
        PayoutOutcome::Silent => Consequence::Nothing,
    };
    let payout = payout.clone();
    if payout.is_under_way() {
        work.schedule(Timer::new(SEND, id, payout.ask_at(now)));
    }
    let pending = transfer(&payout, Mode::Pending).id;
    let transfer = match consequence {
        Consequence::Post => transfer(&payout, Mode::Post { pending }),
        Consequence::Void => transfer(&payout, Mode::Void { pending }),
        Consequence::CreditAgain => coming_back(&payout),
        Consequence::Nothing => return Ok(()),
    };
    books::post(work, &transfer, now)?;
    facts::payout_ended(&payout).into_iter().for_each(|fact| work.emit(fact));
    Ok(())
}

fn transfer(payout: &Payout, mode: Mode) -> Transfer {
    let currency = payout.amount.currency();
    Transfer {
        id: TransferId::derived(payout.id, mode.name()),
        mode,
        debit: AccountKey::wallet(payout.owner, currency),
        credit: AccountKey::platform(Kind::Payouts, payout.id, currency),
        amount: payout.amount.minor_units(),
        code: Code::Payout,
        reference: payout.id.uuid(),
    }
}

/// What was paid moves back into the wallet.
fn coming_back(payout: &Payout) -> Transfer {
    let left = transfer(payout, Mode::Single);
    Transfer {
        id: TransferId::derived(payout.id, "returned"),
        debit: left.credit,
        credit: left.debit,
        code: Code::PayoutReturned,
        ..left
    }
}
