//! What operators may have checked: that every conversation's sequences are 1, 2, 3 … up to its last.

use events::Operations;
use proto::operations::v1::{AuditReport, RunAuditRequest};
use runtime::{Problem, with};
use sea_orm::{DbErr, FromQueryResult, Statement};
use store::{Store, unread};
use tonic::Status;
use uuid::Uuid;

/// How many conversations are looked at in one go.
const CONVERSATIONS: i64 = 1_000;

/// Adds it to the service's operations.
pub(crate) fn add(operations: Operations, store: &Store) -> Operations {
    operations.audit("sequences", with(store, check))
}

/// A conversation, and what its messages make of it.
#[derive(FromQueryResult)]
struct Counted {
    id: Uuid,
    last_sequence: i64,
    messages: i64,
    newest: i64,
}

async fn check(store: Store, request: RunAuditRequest) -> Result<AuditReport, Status> {
    let after = match request.page_token.as_str() {
        "" => Uuid::nil(),
        token => token
            .parse()
            .map_err(|_| Problem::invalid_field("page_token", "does not belong to this audit"))?,
    };
    let counted = count(&store, after).await.map_err(unread)?;
    // The sequences are positive and unique, so there is a gap exactly if there are fewer messages than the newest one says.
    let wrong = counted
        .iter()
        .filter(|one| one.messages != one.last_sequence || one.newest != one.last_sequence);
    let findings = wrong.map(|one| {
        let Counted {
            id,
            last_sequence,
            messages,
            newest,
        } = one;
        format!("conversation {id} is at {last_sequence}, and has {messages} messages up to {newest}")
    });
    let more = i64::try_from(counted.len()).is_ok_and(|found| found == CONVERSATIONS);
    Ok(AuditReport {
        findings: findings.collect(),
        examined: format!("the sequences of {} conversations", counted.len()),
        next_page_token: counted.last().filter(|_| more).map(|last| last.id.to_string()).unwrap_or_default(),
        ..AuditReport::default()
    })
}

/// One statement, so that a message written meanwhile is either counted on both sides or on none.
async fn count(store: &Store, after: Uuid) -> Result<Vec<Counted>, DbErr> {
    let text = "SELECT c.id, c.last_sequence, count(m.sequence) AS messages, coalesce(max(m.sequence), 0) AS newest \
                FROM (SELECT id, last_sequence FROM conversations WHERE id > $1 ORDER BY id LIMIT $2) AS c \
                LEFT JOIN messages AS m ON m.conversation = c.id GROUP BY c.id, c.last_sequence ORDER BY c.id";
    let db = store.db();
    let statement = Statement::from_sql_and_values(db.get_database_backend(), text, [after.into(), CONVERSATIONS.into()]);
    Counted::find_by_statement(statement).all(db).await
}
