//! The books, recomputed from rows: totals per currency and kind of account, and every invariant looked at.
//!
//! Each balance fits 64 bits, but not the sum of any number of them, and a database that finds that out fails the whole query. So the upper
//! and the lower half of the bits are added up apart, and put together here.

use std::collections::BTreeMap;

use proto::payment::v1::{TrialBalance, TrialBalanceLine};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Statement};
use store::Store;

use super::invariants::INVARIANTS;

#[derive(FromQueryResult)]
struct Totals {
    currency: String,
    kind: String,
    accounts: i64,
    debits_posted_high: i64,
    debits_posted_low: i64,
    credits_posted_high: i64,
    credits_posted_low: i64,
    debits_pending_high: i64,
    debits_pending_low: i64,
    credits_pending_high: i64,
    credits_pending_low: i64,
}

/// The columns that are added up, in the order of [`Totals::sums`].
const SUMMED: [&str; 4] = ["debits_posted", "credits_posted", "debits_pending", "credits_pending"];

impl Totals {
    fn sums(&self) -> [i128; 4] {
        [
            (self.debits_posted_high, self.debits_posted_low),
            (self.credits_posted_high, self.credits_posted_low),
            (self.debits_pending_high, self.debits_pending_low),
            (self.credits_pending_high, self.credits_pending_low),
        ]
        .map(|(high, low)| (i128::from(high) << 32) + i128::from(low))
    }
}

/// What every currency's totals must be.
const BALANCED: &str = "posted and pending debits equal credits in every currency";

/// The books of a store.
pub(crate) async fn balance(store: &Store) -> Result<TrialBalance, DbErr> {
    let db = store.db();
    let ask = |text: &str| Statement::from_string(db.get_database_backend(), text);
    // Cast because PostgreSQL adds bigints to numerics.
    let sums = SUMMED.map(|column| {
        format!("CAST(sum({column} >> 32) AS bigint) AS {column}_high, CAST(sum({column} & 4294967295) AS bigint) AS {column}_low")
    });
    let totals = format!(
        "SELECT currency, kind, count(*) AS accounts, {} FROM accounts GROUP BY currency, kind ORDER BY currency, kind",
        sums.join(", ")
    );
    let lines = Totals::find_by_statement(ask(&totals)).all(db).await?;
    let mut violations = Vec::new();
    let unbalanced = unbalanced(&lines);
    if unbalanced != 0 {
        violations.push(format!("{BALANCED}: violated {unbalanced} times"));
    }
    for (invariant, query) in INVARIANTS {
        let found: i64 = count(db.query_one_raw(ask(query)).await?)?;
        if found != 0 {
            violations.push(format!("{invariant}: violated {found} times"));
        }
    }
    let transfers = count(db.query_one_raw(ask("SELECT count(*) AS found FROM transfers")).await?)?;
    let lines = lines.into_iter().map(|line| {
        let [debits_posted, credits_posted, debits_pending, credits_pending] = line.sums().map(told);
        TrialBalanceLine {
            currency: line.currency,
            account_kind: line.kind,
            accounts: line.accounts,
            debits_posted,
            credits_posted,
            debits_pending,
            credits_pending,
        }
    });
    Ok(TrialBalance {
        lines: lines.collect(),
        violations,
        transfers,
    })
}

/// In how many currencies debits and credits differ.
fn unbalanced(lines: &[Totals]) -> usize {
    let mut currencies = BTreeMap::<&str, [i128; 4]>::new();
    for line in lines {
        let sums = currencies.entry(&line.currency).or_default();
        for (sum, more) in sums.iter_mut().zip(line.sums()) {
            *sum += more;
        }
    }
    let differ = |sums: &&[i128; 4]| sums[0] != sums[1] || sums[2] != sums[3];
    currencies.values().filter(differ).count()
}

/// A total as 64 bits tell it: one that is beyond them, as the most that they can.
fn told(total: i128) -> i64 {
    i64::try_from(total).unwrap_or(i64::MAX)
}

/// What a query counted, in its column `found`.
fn count(row: Option<sea_orm::QueryResult>) -> Result<i64, DbErr> {
    row.map_or(Ok(0), |row| row.try_get("", "found"))
}
