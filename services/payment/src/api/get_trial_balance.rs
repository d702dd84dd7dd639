//! The books, recomputed from rows: totals per currency and kind of account, and every invariant looked at.

use proto::payment::v1::{TrialBalance, TrialBalanceLine};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Statement};
use store::{Error, Store};
use tonic::Status;

use super::Api;
use crate::domain::Refusal;

#[derive(FromQueryResult)]
struct Totals {
    currency: String,
    kind: String,
    accounts: i64,
    debits_posted: i64,
    credits_posted: i64,
    debits_pending: i64,
    credits_pending: i64,
}

/// What must never be found, and how to look for it. Sums are cast because PostgreSQL adds bigints to numerics.
const INVARIANTS: [(&str, &str); 4] = [
    (
        "posted and pending debits equal credits in every currency",
        "SELECT count(*) AS found FROM (SELECT currency FROM accounts GROUP BY currency HAVING sum(debits_posted) <> sum(credits_posted) OR sum(debits_pending) <> sum(credits_pending)) AS unbalanced",
    ),
    (
        "no bounded account is beyond its bound",
        "SELECT count(*) AS found FROM accounts WHERE bounded AND debits_pending + debits_posted > credits_posted",
    ),
    (
        "an account's newest entry has its balances",
        "SELECT count(*) AS found FROM accounts AS a LEFT JOIN entries AS e ON e.account = a.id AND e.number = a.entries WHERE e.account IS NULL OR e.debits_posted <> a.debits_posted OR e.credits_posted <> a.credits_posted OR e.debits_pending <> a.debits_pending OR e.credits_pending <> a.credits_pending",
    ),
    (
        "an account's balance is the sum of its entries, all of which are there",
        "SELECT count(*) AS found FROM (SELECT a.id FROM accounts AS a JOIN entries AS e ON e.account = a.id GROUP BY a.id, a.entries, a.credits_posted, a.debits_posted HAVING sum(e.change) <> a.credits_posted - a.debits_posted OR count(*) <> a.entries) AS wrong",
    ),
];

pub(super) async fn handle(api: &Api) -> Result<TrialBalance, Status> {
    Ok(balance(&api.store).await.map_err(Error::<Refusal>::from)?)
}

/// The books of a store.
pub(crate) async fn balance(store: &Store) -> Result<TrialBalance, DbErr> {
    let db = store.db();
    let ask = |text: &str| Statement::from_string(db.get_database_backend(), text);
    let totals = "SELECT currency, kind, count(*) AS accounts, CAST(sum(debits_posted) AS bigint) AS debits_posted, \
                  CAST(sum(credits_posted) AS bigint) AS credits_posted, CAST(sum(debits_pending) AS bigint) AS debits_pending, \
                  CAST(sum(credits_pending) AS bigint) AS credits_pending FROM accounts GROUP BY currency, kind ORDER BY currency, kind";
    let lines = Totals::find_by_statement(ask(totals)).all(db).await?;
    let mut violations = Vec::new();
    for (invariant, query) in INVARIANTS {
        let found: i64 = count(db.query_one_raw(ask(query)).await?, "found")?;
        if found != 0 {
            violations.push(format!("{invariant}: violated {found} times"));
        }
    }
    let transfers = count(db.query_one_raw(ask("SELECT count(*) AS found FROM transfers")).await?, "found")?;
    let lines = lines.into_iter().map(|line| TrialBalanceLine {
        currency: line.currency,
        account_kind: line.kind,
        accounts: line.accounts,
        debits_posted: line.debits_posted,
        credits_posted: line.credits_posted,
        debits_pending: line.debits_pending,
        credits_pending: line.credits_pending,
    });
    Ok(TrialBalance {
        lines: lines.collect(),
        violations,
        transfers,
    })
}

fn count(row: Option<sea_orm::QueryResult>, column: &str) -> Result<i64, DbErr> {
    row.map_or(Ok(0), |row| row.try_get("", column))
}
