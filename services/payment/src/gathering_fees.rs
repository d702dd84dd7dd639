//! Gathers the platform's fees: they come in on many accounts, so that no payment waits for another, and once
//! an hour what each of them has goes to the one account of the currency.
//!
//! Every replica looks. The cause of each transfer names the account and the hour, so only one of them makes it.

use std::time::Duration;

use kernel::{LedgerAccountId, Time, TransferId};
use sea_orm::{EntityTrait, QueryFilter, sea_query::Expr};
use store::{Cause, Error, Keys, Store, Work};

use crate::{
    books,
    domain::{
        Refusal,
        account::{Account, AccountKey},
        transfer::{Code, Mode, Transfer},
    },
    store::account::row,
};

/// How often they are gathered.
const OFTEN: Duration = Duration::from_secs(3_600);

/// How long until the next try after one that failed.
const PAUSE: Duration = Duration::from_secs(10);

/// Gathers until the process ends: at its start what the hour has not seen yet, and then with each new hour.
pub(crate) async fn run(store: Store) {
    loop {
        let now = store.clock().now();
        let rest = match round(&store, now).await {
            Ok(()) => hour(now.plus(OFTEN)).since(now),
            Err(error) => {
                tracing::warn!(%error, "the fees could not be gathered; they are tried again");
                PAUSE
            }
        };
        tokio::time::sleep(rest).await;
    }
}

/// When the hour began.
fn hour(now: Time) -> Time {
    let often = i64::try_from(OFTEN.as_micros()).expect("an hour has few microseconds");
    Time::from_micros(now.micros().div_euclid(often) * often)
}

/// Gathers what there is, unless that was done in this hour.
async fn round(store: &Store, now: Time) -> Result<(), Error<Refusal>> {
    // Literally, because it names the index of these accounts.
    let with_something = row::Entity::find().filter(Expr::cust("kind = 'fees' AND credits_posted > debits_posted"));
    let accounts = store.select::<Account>(with_something).await.map_err(Error::of_read)?;
    for account in accounts {
        let (from, to) = (account.key, AccountKey::earnings(account.key.currency));
        if from.id != to.id {
            gather(store, from, to, now).await?;
        }
    }
    Ok(())
}

async fn gather(store: &Store, from: AccountKey, to: AccountKey, now: Time) -> Result<(), Error<Refusal>> {
    let step = format!("gather fees of hour {}", hour(now).micros());
    let (id, from_id) = (TransferId::derived(from.id, &step), from.id);
    let move_all = move |work: &mut Work| {
        let Some(amount) = has(work, from_id) else { return Ok(()) };
        let transfer = Transfer {
            id,
            mode: Mode::Single,
            debit: from,
            credit: to,
            amount,
            code: Code::FeesGathered,
            reference: from_id.uuid(),
        };
        books::post(work, &transfer, now)
    };
    let keys = books::keys(Keys::new(), [from, to]);
    let cause = Cause::step(&format!("payment.{step}"), from.id);
    store.execute::<(), Refusal, _>(cause, keys, move_all).await
}

/// What may be taken from an account, if there is anything.
fn has(work: &Work, id: LedgerAccountId) -> Option<i64> {
    let available = work.get::<Account>(id)?.available().minor_units();
    (available > 0).then_some(available)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use ::store::Options;
    use futures::future::try_join_all;
    use harness::{Database, databases};
    use kernel::{Clock, ManualClock, OrderId};
    use runtime::SystemClock;
    use uuid::Uuid;

    use super::*;
    use crate::{
        domain::account::Kind,
        store::{migrations::Migrator, trial_balance::balance},
    };

    async fn replica(database: &Database, clock: &Arc<ManualClock>) -> Store {
        let options = Options::new(Arc::clone(clock) as Arc<dyn Clock>);
        Store::open::<Migrator>(database.url(), options).await.unwrap()
    }

    /// A fee of each of these orders, in cents.
    async fn earn(store: &Store, orders: impl Iterator<Item = u128>, cents: i64) {
        let (now, usd) = (store.clock().now(), "USD".parse().unwrap());
        for number in orders {
            let order = OrderId::from_uuid(Uuid::from_u128(number));
            let fee = Transfer {
                id: TransferId::derived(order, "fee"),
                mode: Mode::Single,
                debit: AccountKey::platform(Kind::Provider, order, usd),
                credit: AccountKey::platform(Kind::Fees, order, usd),
                amount: cents,
                code: Code::Fee,
                reference: order.uuid(),
            };
            let keys = books::keys(Keys::new(), [fee.debit, fee.credit]);
            let post = move |work: &mut Work| books::post(work, &fee, now);
            store.execute::<(), Refusal, _>(Cause::told_by_rows(), keys, post).await.unwrap();
        }
    }

    /// What is on the one account, on all of them, and how many transfers there are.
    async fn fees(store: &Store) -> (i64, i64, i64) {
        let earnings = store.get::<Account>(AccountKey::earnings("USD".parse().unwrap()).id).await.unwrap();
        let gathered = earnings.map_or(0, |account| account.balance().minor_units());
        let books = balance(store).await.unwrap();
        assert_eq!(books.violations, Vec::<String>::new());
        let line = books.lines.iter().find(|line| line.account_kind == "fees").unwrap();
        (gathered, line.credits_posted - line.debits_posted, books.transfers)
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn fees_are_gathered_once_an_hour_whoever_looks() {
        for database in databases().await {
            let clock = Arc::new(ManualClock::at(hour(SystemClock.now())));
            let replicas = [replica(&database, &clock).await, replica(&database, &clock).await];
            let one = &replicas[0];
            earn(one, 0..40, 5).await;
            assert_eq!(fees(one).await, (0, 200, 40));
            let look = || {
                try_join_all(
                    replicas
                        .iter()
                        .flat_map(|store| [round(store, clock.now()), round(store, clock.now())]),
                )
            };
            look().await.unwrap();
            assert_eq!(fees(one).await, (200, 200, 40 + 16));

            // What comes in later in the hour waits for the next one.
            earn(one, 100..101, 7).await;
            clock.advance(OFTEN - Duration::from_micros(1));
            look().await.unwrap();
            assert_eq!(fees(one).await, (200, 207, 57));
            clock.advance(Duration::from_micros(1));
            look().await.unwrap();
            assert_eq!(fees(one).await, (207, 207, 58));
            look().await.unwrap();
            assert_eq!(fees(one).await, (207, 207, 58));
        }
    }
}
