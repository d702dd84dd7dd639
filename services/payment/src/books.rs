//! Posting transfers through the store's door: accounts are opened by their first use, and every transfer leaves its row and two entries. A
//! pending one leaves another row, which is closed by whoever posts or voids it.

use kernel::Time;
use store::{Keys, Work};
use uuid::Uuid;

use crate::{
    domain::{
        Refusal,
        account::{Account, AccountKey},
        ledger,
        pending::Pending,
        transfer::{Mode, Transfer},
    },
    store::journal::{entry, transfer},
};

/// Names the accounts that transfers will touch. The pending ones that they make or resolve are named apart.
pub(crate) fn keys(keys: Keys, accounts: impl IntoIterator<Item = AccountKey>) -> Keys {
    keys.all::<Account>(accounts.into_iter().map(|account| account.id))
}

/// Posts a transfer; a refusal undoes the whole update that it is part of.
pub(crate) fn post(work: &mut Work, transfer: &Transfer, now: Time) -> Result<(), Refusal> {
    let (mut debit, mut credit) = (open(work, transfer.debit), open(work, transfer.credit));
    match transfer.mode {
        Mode::Single => ledger::apply(transfer, &mut debit, &mut credit, None)?,
        Mode::Pending => {
            ledger::apply(transfer, &mut debit, &mut credit, None)?;
            work.insert(Pending::of(transfer));
        }
        Mode::Post { pending } | Mode::Void { pending } => {
            ledger::apply(transfer, &mut debit, &mut credit, work.change::<Pending>(pending))?;
        }
    }
    work.append(transfer::Model {
        id: transfer.id.uuid(),
        mode: transfer.mode.name().to_owned(),
        debit: debit.key.id.uuid(),
        credit: credit.key.id.uuid(),
        currency: debit.key.currency.code().to_owned(),
        amount: transfer.amount,
        code: transfer.code.name().to_owned(),
        reference: transfer.reference,
        created: now.micros(),
        debit_number: debit.entries,
        credit_number: credit.entries,
        pending_id: transfer.mode.resolves().map(Uuid::from),
    });
    let moved = match transfer.mode {
        Mode::Single | Mode::Post { .. } => transfer.amount,
        Mode::Pending | Mode::Void { .. } => 0,
    };
    for (account, change) in [(debit, -moved), (credit, moved)] {
        work.append(entry_of(&account, transfer, change, now));
        put(work, account);
    }
    Ok(())
}

fn open(work: &Work, key: AccountKey) -> Account {
    work.get::<Account>(key.id)
        .map_or_else(|| Account::open(key), |stored| Account::clone(stored))
}

fn put(work: &mut Work, account: Account) {
    match work.change::<Account>(account.key.id) {
        Some(stored) => *stored = account,
        None => work.insert(account),
    }
}

fn entry_of(account: &Account, transfer: &Transfer, change: i64, now: Time) -> entry::Model {
    entry::Model {
        account: account.key.id.uuid(),
        number: account.entries,
        transfer: transfer.id.uuid(),
        created: now.micros(),
        change,
        debits_pending: account.debits_pending,
        debits_posted: account.debits_posted,
        credits_pending: account.credits_pending,
        credits_posted: account.credits_posted,
        code: transfer.code.name().to_owned(),
        reference: transfer.reference,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use ::store::{Cause, Error, Options, Store};
    use harness::databases;
    use kernel::{OrganisationId, TransferId};
    use runtime::SystemClock;
    use sea_orm::{ConnectionTrait, DbBackend};

    use super::*;
    use crate::{
        domain::{account::Kind, transfer::Code},
        store::{migrations::Migrator, trial_balance::balance},
    };

    struct Books {
        store: Store,
        wallet: AccountKey,
        bank: AccountKey,
    }

    impl Books {
        /// A wallet with two pending transfers of 60 out of 200.
        async fn open(url: &str) -> Self {
            let store = Store::open::<Migrator>(url, Options::new(Arc::new(SystemClock))).await.unwrap();
            let usd = "USD".parse().unwrap();
            let books = Self {
                store,
                wallet: AccountKey::wallet(OrganisationId::from_uuid(Uuid::from_u128(1)), usd),
                bank: AccountKey::platform(Kind::Payouts, Uuid::nil(), usd),
            };
            let top_up = Transfer {
                debit: books.bank,
                credit: books.wallet,
                ..books.transfer("top-up", Mode::Single, 200)
            };
            books.post(top_up).await.unwrap();
            for name in ["one", "other"] {
                books.post(books.transfer(name, Mode::Pending, 60)).await.unwrap();
            }
            books
        }

        /// The same, of whose two one was posted.
        async fn with_one_posted(url: &str) -> Self {
            let books = Self::open(url).await;
            let post = books.transfer("post", Mode::Post { pending: id("one") }, 60);
            books.post(post).await.unwrap();
            books
        }

        fn transfer(&self, name: &str, mode: Mode, amount: i64) -> Transfer {
            Transfer {
                id: id(name),
                mode,
                debit: self.wallet,
                credit: self.bank,
                amount,
                code: Code::Payout,
                reference: id(name).uuid(),
            }
        }

        async fn post(&self, transfer: Transfer) -> Result<(), Error<Refusal>> {
            let named = transfer.mode.resolves().unwrap_or(transfer.id);
            let keys = keys(Keys::new().one::<Pending>(named), [transfer.debit, transfer.credit]);
            let now = self.store.clock().now();
            let post = move |work: &mut Work| post(work, &transfer, now);
            self.store.execute::<(), Refusal, _>(Cause::told_by_rows(), keys, post).await
        }

        async fn is_refused(&self, transfer: Transfer, why: Refusal) {
            let refused = self.post(transfer).await;
            assert!(matches!(&refused, Err(Error::Refused(refusal)) if *refusal == why), "{refused:?}");
        }

        /// Balance, and what of it is pending.
        async fn wallet(&self) -> (i64, i64) {
            let wallet = self.store.get::<Account>(self.wallet.id).await.unwrap().unwrap();
            (wallet.balance().minor_units(), wallet.held().minor_units())
        }

        async fn violations(&self) -> Vec<String> {
            balance(&self.store).await.unwrap().violations
        }

        /// Changes the database behind the ledger's back.
        async fn sql(&self, text: &str) {
            self.store.db().execute_unprepared(text).await.unwrap();
        }

        /// Takes away what refuses changes and second resolutions.
        async fn unguard(&self) {
            match self.store.db().get_database_backend() {
                DbBackend::Postgres => self.sql("ALTER TABLE transfers DISABLE TRIGGER USER").await,
                _ => self.sql("DROP TRIGGER transfers_refuse_update").await,
            }
            self.sql("DROP INDEX transfers_by_pending").await;
        }
    }

    fn id(name: &str) -> TransferId {
        TransferId::derived(Uuid::nil(), name)
    }

    #[tokio::test]
    async fn a_pending_transfer_is_posted_or_voided_once_and_no_other_gives_for_it() {
        for database in databases().await {
            let books = Books::open(database.url()).await;
            let post_one = |name, amount| books.transfer(name, Mode::Post { pending: id("one") }, amount);
            let void_one = |name, amount| books.transfer(name, Mode::Void { pending: id("one") }, amount);
            let unknown = Mode::Post { pending: id("nothing") };
            books
                .is_refused(books.transfer("a", unknown, 60), Refusal::NoSuchPendingTransfer)
                .await;
            let foreign = Transfer {
                debit: AccountKey::wallet(OrganisationId::from_uuid(Uuid::from_u128(2)), books.wallet.currency),
                ..post_one("b", 60)
            };
            books.is_refused(foreign, Refusal::NoSuchPendingTransfer).await;
            books.is_refused(post_one("c", 61), Refusal::OtherPendingAmount).await;
            books.is_refused(void_one("d", 59), Refusal::OtherPendingAmount).await;
            assert_eq!(books.wallet().await, (200, 120));

            books.post(post_one("e", 45)).await.unwrap();
            assert_eq!(books.wallet().await, (155, 60));
            books.is_refused(post_one("f", 15), Refusal::ResolvedBefore).await;
            books.is_refused(void_one("g", 60), Refusal::ResolvedBefore).await;
            books
                .post(books.transfer("h", Mode::Void { pending: id("other") }, 60))
                .await
                .unwrap();
            assert_eq!(books.wallet().await, (155, 0));
            assert_eq!(books.violations().await, Vec::<String>::new());
        }
    }

    #[tokio::test]
    async fn a_pending_transfer_that_was_resolved_twice_is_told_by_the_books() {
        for database in databases().await {
            let books = Books::with_one_posted(database.url()).await;
            assert_eq!(books.violations().await, Vec::<String>::new());
            let columns = "debit, credit, currency, amount, code, reference, created, debit_number, credit_number, pending_id";
            let again =
                format!("INSERT INTO transfers (id, mode, {columns}) SELECT debit, 'void', {columns} FROM transfers WHERE mode = 'post'");
            // The database itself refuses a second one.
            assert!(books.store.db().execute_unprepared(&again).await.is_err());
            books.unguard().await;
            books.sql(&again).await;
            assert_eq!(
                books.violations().await,
                ["a pending transfer is resolved at most once: violated 1 times"]
            );
        }
    }

    #[tokio::test]
    async fn what_is_pending_and_bound_by_no_pending_transfer_is_told_by_the_books() {
        for database in databases().await {
            let books = Books::with_one_posted(database.url()).await;
            books.unguard().await;
            books.sql("UPDATE transfers SET pending_id = NULL WHERE mode = 'post'").await;
            let sum = "what an account has pending is the sum of its unresolved pending transfers: violated 2 times";
            let named = "what posts or voids names a pending transfer between its own accounts, up to its amount: violated 1 times";
            assert_eq!(books.violations().await, [named, sum]);
            books.sql("UPDATE transfers SET pending_id = id WHERE mode = 'post'").await;
            assert_eq!(books.violations().await, [named, sum]);
        }
    }
}
