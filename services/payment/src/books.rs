//! Posting transfers through the store's door: accounts are opened by their first use, and every transfer leaves its row and two entries.

use kernel::Time;
use store::{Keys, Work};

use crate::{
    domain::{
        Refusal,
        ledger::{self, Account, Mode, Place, Transfer},
    },
    store::journal::{entry, transfer},
};

/// Names the accounts that transfers will touch.
pub(crate) fn keys(keys: Keys, places: impl IntoIterator<Item = Place>) -> Keys {
    keys.all::<Account>(places.into_iter().map(|place| place.id))
}

/// Posts transfers one after another, all or none: a refusal undoes the whole update that they are part of.
pub(crate) fn post(work: &mut Work, transfers: &[Transfer], now: Time) -> Result<(), Refusal> {
    for transfer in transfers {
        post_one(work, transfer, now)?;
    }
    Ok(())
}

fn post_one(work: &mut Work, transfer: &Transfer, now: Time) -> Result<(), Refusal> {
    let (mut debit, mut credit) = (open(work, transfer.debit), open(work, transfer.credit));
    ledger::apply(&mut debit, &mut credit, transfer.mode, transfer.amount)?;
    work.append(transfer::Model {
        id: transfer.id.uuid(),
        mode: transfer.mode.name().to_owned(),
        debit: debit.place.id.uuid(),
        credit: credit.place.id.uuid(),
        currency: debit.place.currency.code().to_owned(),
        amount: transfer.amount,
        code: transfer.code.to_owned(),
        reference: transfer.reference,
        created: now.micros(),
        debit_number: debit.entries,
        credit_number: credit.entries,
    });
    let moved = match transfer.mode {
        Mode::Single | Mode::Post => transfer.amount,
        Mode::Hold | Mode::Void => 0,
    };
    for (account, change) in [(debit, -moved), (credit, moved)] {
        work.append(entry_of(&account, transfer, change, now));
        put(work, account);
    }
    Ok(())
}

fn open(work: &Work, place: Place) -> Account {
    work.get::<Account>(place.id)
        .map_or_else(|| Account::open(place), |stored| Account::clone(stored))
}

fn put(work: &mut Work, account: Account) {
    match work.change::<Account>(account.place.id) {
        Some(place) => *place = account,
        None => work.insert(account),
    }
}

fn entry_of(account: &Account, transfer: &Transfer, change: i64, now: Time) -> entry::Model {
    entry::Model {
        account: account.place.id.uuid(),
        number: account.entries,
        transfer: transfer.id.uuid(),
        created: now.micros(),
        change,
        debits_pending: account.debits_pending,
        debits_posted: account.debits_posted,
        credits_pending: account.credits_pending,
        credits_posted: account.credits_posted,
        code: transfer.code.to_owned(),
        reference: transfer.reference,
    }
}
