//! Paying out: the amount is bound in the wallet by a pending transfer, the bank is asked by a durable timer, and the transfer is posted or voided.

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
        ledger::{Kind, Mode, Pending, Place, Transfer},
        payout::{Payout, State},
    },
    providers::Sent,
    store::{pending::in_journal, sandbox_charge::Reference},
};

/// The timer that sends a payout to the bank, and asks again while the bank is silent.
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
    let Some(payout) = known.filter(|payout| payout.state == State::Pending) else {
        return Ok(());
    };
    let reference = Reference::derived(id, "payout");
    let provider = charging.provider().map_err(Failure::passing)?;
    let sent = provider.pay_out(reference, payout.amount, &payout.bank_account_token).await;
    if sent == Sent::Silent {
        return Err(Failure::passing("the bank does not say yet"));
    }
    let pending = transfer(&payout, Mode::Pending).id;
    let of_before = match charging.store.get::<Pending>(pending).await? {
        Some(_) => None,
        None => in_journal(&charging.store, pending).await?,
    };
    let now = charging.store.clock().now();
    let cause = Cause::step("payout_settled", id);
    let settle = move |work: &mut Work| {
        if let Some(begun) = of_before.as_ref().filter(|begun| work.get::<Pending>(begun.id).is_none()) {
            work.insert(begun.clone());
        }
        settle(work, id, &sent, now)
    };
    Ok(charging.store.execute::<(), Refusal, _>(cause, keys(&payout), settle).await?)
}

fn settle(work: &mut Work, id: PayoutId, sent: &Sent, now: Time) -> Result<(), Refusal> {
    let Some(payout) = work.change::<Payout>(id) else { return Ok(()) };
    let pending = transfer(payout, Mode::Pending).id;
    let (news, mode, subject) = match sent {
        Sent::Paid => (payout.paid(now), Mode::Post { pending }, "payment.v1.payout_paid"),
        Sent::Failed(reason) => (
            payout.failed(reason.clone(), now),
            Mode::Void { pending },
            "payment.v1.payout_failed",
        ),
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use ::store::{Options, Store, Timers};
    use events::with;
    use harness::{databases, until};
    use kernel::{Money, OrganisationId};
    use runtime::SystemClock;
    use sea_orm::ConnectionTrait;
    use uuid::Uuid;

    use super::*;
    use crate::{api::get_trial_balance::balance, domain::ledger::Account, providers::Sandbox, store::migrations::Migrator};

    #[tokio::test(flavor = "multi_thread")]
    async fn a_payout_that_the_release_before_has_begun_is_paid() {
        for database in databases().await {
            let store = Store::open::<Migrator>(database.url(), Options::new(Arc::new(SystemClock)))
                .await
                .unwrap();
            let (now, owner) = (store.clock().now(), OrganisationId::from_uuid(Uuid::from_u128(1)));
            let amount = Money::new(600, "USD".parse().unwrap());
            let payout = Payout {
                id: PayoutId::at(now),
                owner,
                amount,
                bank_account_token: "bank_ok".to_owned(),
                state: State::Pending,
                failure_reason: String::new(),
                created: now,
                updated: now,
            };
            let (wallet, bank) = (Place::wallet(owner, amount.currency()), payout.id);
            let money = Transfer {
                id: TransferId::at(now),
                mode: Mode::Single,
                debit: Place::platform(Kind::Provider, bank, amount.currency()),
                credit: wallet,
                amount: 1_000,
                code: "top_up",
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
                store.get::<Payout>(payout.id).await.unwrap().unwrap().state == State::Paid
            })
            .await;
            let wallet = store.get::<Account>(wallet.id).await.unwrap().unwrap();
            assert_eq!((wallet.balance().minor_units(), wallet.held().minor_units()), (400, 0));
            assert_eq!(balance(&store).await.unwrap().violations, Vec::<String>::new());
        }
    }
}
