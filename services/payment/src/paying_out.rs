//! Paying out: the amount is held in the wallet, the bank is asked by a durable timer, and the hold moves or is given back.

use events::Failure;
use kernel::{PayoutId, Time, TransferId};
use proto::payment::v1::PayoutChanged;
use runtime::money;
use store::{Cause, DueTimer, Fact, Keys, Timer, Work};

use crate::{
    books,
    charging::Charging,
    domain::{
        Refusal,
        ledger::{Kind, Mode, Place, Transfer},
        payout::{Payout, State},
    },
    providers::Sent,
    store::sandbox_charge::Reference,
};

/// The timer that sends a payout to the bank, and asks again while the bank is silent.
pub(crate) const SEND: &str = "send_payout";

/// Everything that a payout touches.
pub(crate) fn keys(payout: &Payout) -> Keys {
    let moved = transfer(payout, Mode::Hold);
    books::keys(Keys::new().one::<Payout>(payout.id), [moved.debit, moved.credit])
}

/// Begins a payout: its amount is held in the wallet until the bank has answered.
///
/// # Errors
/// A wallet that does not hold enough.
pub(crate) fn hold(work: &mut Work, payout: &Payout) -> Result<(), Refusal> {
    books::post(work, &[transfer(payout, Mode::Hold)], payout.created)?;
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
    let Some(payout) = known.filter(|payout| payout.state == State::Pending) else {
        return Ok(());
    };
    let reference = Reference::derived(id, "payout");
    let sent = charging
        .provider
        .pay_out(reference, payout.amount, &payout.bank_account_token)
        .await;
    if sent == Sent::Silent {
        return Err(Failure::passing("the bank does not say yet"));
    }
    let now = charging.store.clock().now();
    let cause = Cause::step("payout_settled", id);
    Ok(charging
        .store
        .execute::<(), Refusal, _>(cause, keys(&payout), move |work| settle(work, id, &sent, now))
        .await?)
}

fn settle(work: &mut Work, id: PayoutId, sent: &Sent, now: Time) -> Result<(), Refusal> {
    let Some(payout) = work.change::<Payout>(id) else { return Ok(()) };
    let (news, mode, subject) = match sent {
        Sent::Paid => (payout.paid(now), Mode::Post, "payment.v1.payout_paid"),
        Sent::Failed(reason) => (payout.failed(reason.clone(), now), Mode::Void, "payment.v1.payout_failed"),
        Sent::Silent => return Ok(()),
    };
    let payout = payout.clone();
    if news {
        books::post(work, &[transfer(&payout, mode)], now)?;
        let body = PayoutChanged {
            payout_id: id.to_string(),
            owner_id: payout.owner.to_string(),
            amount: Some(money(payout.amount)),
            failure_reason: payout.failure_reason.clone(),
        };
        work.emit(Fact::new(subject, id, [payout.owner], &body));
    }
    Ok(())
}

fn transfer(payout: &Payout, mode: Mode) -> Transfer {
    let currency = payout.amount.currency();
    Transfer {
        id: TransferId::derived(payout.id, mode.name()),
        mode,
        debit: Place::wallet(payout.owner, currency),
        credit: Place::platform(Kind::Payouts, payout.id, currency),
        amount: payout.amount.minor_units(),
        code: "payout",
        reference: payout.id.uuid(),
    }
}
