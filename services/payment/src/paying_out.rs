//! Paying out: the amount is bound in the wallet by a pending transfer, the bank is asked by a durable timer, and the transfer is posted or voided.

use events::Failure;
use kernel::{PayoutId, Time, TransferId};
use proto::payment::v1::PayoutChanged;
use runtime::money;
use store::{Aggregate, Cause, DueTimer, Error, Fact, Keys, Store, Timer, Work};

use crate::{
    books,
    charging::Charging,
    domain::{
        Refusal,
        ledger::{Code, Kind, Mode, Place, Transfer},
        payout::{Consequence, Payout},
        pending::Pending,
    },
    providers::Sent,
    store::{pending::in_journal, sandbox_charge::Reference},
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
    books::post(work, &[transfer(payout, Mode::Pending)], payout.created)?;
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
    if sent == Sent::Silent {
        return Err(Failure::passing("the bank does not say yet"));
    }
    Ok(record(&charging.store, &payout, sent).await?)
}

/// The bank says by itself what became of a payout. It may come twice, late, or before the answer that we wait for.
///
/// # Errors
/// Also a payout that there is not.
pub(crate) async fn heard(store: &Store, id: PayoutId, sent: Sent) -> Result<(), Error<Refusal>> {
    let known = store.get::<Payout>(id).await.map_err(Error::of_read)?;
    let known = known.ok_or(Error::NotFound(Payout::KIND))?;
    record(store, &known, sent).await
}

/// Records what the bank says. Of the payout only what never changes is taken for known.
async fn record(store: &Store, payout: &Payout, sent: Sent) -> Result<(), Error<Refusal>> {
    let (id, pending) = (payout.id, transfer(payout, Mode::Pending).id);
    let of_before = match store.get::<Pending>(pending).await.map_err(Error::of_read)? {
        Some(_) => None,
        None => in_journal(store, pending).await?,
    };
    let now = store.clock().now();
    let settle = move |work: &mut Work| {
        let waits = work.get::<Payout>(id).is_some_and(|payout| payout.is_under_way());
        if let Some(begun) = of_before.as_ref().filter(|_| waits && work.get::<Pending>(pending).is_none()) {
            work.insert(begun.clone());
        }
        settle(work, id, &sent, now)
    };
    store.execute::<(), Refusal, _>(Cause::told_by_rows(), keys(payout), settle).await
}

fn settle(work: &mut Work, id: PayoutId, sent: &Sent, now: Time) -> Result<(), Refusal> {
    let Some(payout) = work.change::<Payout>(id) else { return Ok(()) };
    let consequence = match sent {
        Sent::InTransit => payout.in_transit(now),
        Sent::Paid => payout.paid(now),
        Sent::Failed(reason) => payout.failed(reason, now),
        Sent::Silent => Consequence::Nothing,
    };
    let payout = payout.clone();
    if payout.is_under_way() {
        work.schedule(Timer::new(SEND, id, payout.ask_at(now)));
    }
    let pending = transfer(&payout, Mode::Pending).id;
    let (transfer, subject) = match consequence {
        Consequence::Post => (transfer(&payout, Mode::Post { pending }), "payment.v1.payout_paid"),
        Consequence::Void => (transfer(&payout, Mode::Void { pending }), "payment.v1.payout_failed"),
        Consequence::CreditAgain => (coming_back(&payout), "payment.v1.payout_returned"),
        Consequence::Nothing => return Ok(()),
    };
    books::post(work, &[transfer], now)?;
    let body = PayoutChanged {
        payout_id: id.to_string(),
        owner_id: payout.owner.to_string(),
        amount: Some(money(payout.amount)),
        failure_reason: payout.failure_reason().to_owned(),
    };
    work.emit(Fact::new(subject, id, [payout.owner], &body));
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use ::store::{Options, Timers};
    use harness::{databases, until};
    use kernel::{Money, OrganisationId};
    use runtime::{SystemClock, with};
    use sea_orm::ConnectionTrait;
    use uuid::Uuid;

    use super::*;
    use crate::{
        domain::{ledger::Account, payout::State},
        providers::Sandbox,
        store::{migrations::Migrator, trial_balance::balance},
    };

    #[tokio::test(flavor = "multi_thread")]
    async fn a_payout_that_the_release_before_has_begun_is_paid() {
        for database in databases().await {
            let store = Store::open::<Migrator>(database.url(), Options::new(Arc::new(SystemClock)))
                .await
                .unwrap();
            let (now, owner) = (store.clock().now(), OrganisationId::from_uuid(Uuid::from_u128(1)));
            let amount = Money::new(600, "USD".parse().unwrap());
            let payout = Payout::request(PayoutId::at(now), owner, amount, "bank_ok".to_owned(), now);
            let (wallet, bank) = (Place::wallet(owner, amount.currency()), payout.id);
            let money = Transfer {
                id: TransferId::at(now),
                mode: Mode::Single,
                debit: Place::platform(Kind::Provider, bank, amount.currency()),
                credit: wallet,
                amount: 1_000,
                code: Code::TopUp,
                reference: bank.uuid(),
            };
            let begun = payout.clone();
            let begin = move |work: &mut Work| {
                books::post(work, &[money], now)?;
                begin(work, &begun)
            };
            let keys = books::keys(keys(&payout), [money.debit]);
            store.execute::<(), Refusal, _>(Cause::told_by_rows(), keys, begin).await.unwrap();
            store.db().execute_unprepared("DELETE FROM pending_transfers").await.unwrap();

            let charging = Charging {
                store: store.clone(),
                provider: Some(Arc::new(Sandbox::new(store.clone()))),
            };
            tokio::spawn(Timers::new(&store).on(SEND, with(&charging, send)).run());
            until("the bank has paid", || async {
                store.get::<Payout>(payout.id).await.unwrap().unwrap().state() == State::Paid
            })
            .await;
            let wallet = store.get::<Account>(wallet.id).await.unwrap().unwrap();
            assert_eq!((wallet.balance().minor_units(), wallet.held().minor_units()), (400, 0));
            assert_eq!(balance(&store).await.unwrap().violations, Vec::<String>::new());
        }
    }
}
