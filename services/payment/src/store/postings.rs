//! Reading the journal as it is sealed: transfers with the entries that they left.

use std::collections::HashMap;

use kernel::TransferId;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, Statement,
};
use store::Store;
use uuid::Uuid;

use super::journal::{entry, transfer};
use crate::domain::seal::{Field, Position, Posting};

/// How many ids one statement takes.
const CHUNK: usize = 500;

/// The postings after a position that were made until a time, oldest first.
pub(crate) async fn after(store: &Store, after: Position, until: i64, limit: u64) -> Result<Vec<Posting>, DbErr> {
    use transfer::Column;
    let same_time = Condition::all()
        .add(Column::Created.eq(after.created))
        .add(Column::Id.gt(after.transfer));
    let transfers = transfer::Entity::find()
        .filter(Column::Created.gte(after.created))
        .filter(Column::Created.lte(until))
        .filter(Condition::any().add(Column::Created.gt(after.created)).add(same_time))
        .order_by_asc(Column::Created)
        .order_by_asc(Column::Id)
        .limit(limit)
        .all(store.db())
        .await?;
    with_entries(store, transfers).await
}

/// The postings with these ids, as far as they are there.
pub(crate) async fn of(store: &Store, ids: &[Uuid]) -> Result<HashMap<Uuid, Posting>, DbErr> {
    let mut found = HashMap::with_capacity(ids.len());
    for chunk in ids.chunks(CHUNK) {
        let transfers = transfer::Entity::find().filter(transfer::Column::Id.is_in(chunk.iter().copied()));
        let transfers = transfers.all(store.db()).await?;
        let postings = with_entries(store, transfers).await?;
        found.extend(postings.into_iter().map(|posting| (posting.id.uuid(), posting)));
    }
    Ok(found)
}

async fn with_entries(store: &Store, transfers: Vec<transfer::Model>) -> Result<Vec<Posting>, DbErr> {
    let mut entries = HashMap::new();
    for chunk in transfers.chunks(CHUNK) {
        for entry in entries_of(store, chunk).await? {
            entries.insert((entry.account, entry.number), entry);
        }
    }
    let posting = |transfer: transfer::Model| {
        let sides = [(transfer.debit, transfer.debit_number), (transfer.credit, transfer.credit_number)];
        Posting {
            id: TransferId::from_uuid(transfer.id),
            created: transfer.created,
            entries: sides.iter().filter_map(|side| entries.get(side)).map(fields_of_entry).collect(),
            fields: fields_of_transfer(transfer),
        }
    };
    Ok(transfers.into_iter().map(posting).collect())
}

/// Both sides, each found by its primary key.
async fn entries_of(store: &Store, transfers: &[transfer::Model]) -> Result<Vec<entry::Model>, DbErr> {
    let parameters: Vec<String> = (1..=transfers.len()).map(|number| format!("${number}")).collect();
    let side = |side: &str| {
        format!(
            "SELECT e.* FROM transfers AS t JOIN entries AS e ON e.account = t.{side} AND e.number = t.{side}_number WHERE t.id IN ({})",
            parameters.join(", ")
        )
    };
    let text = format!("{} UNION ALL {}", side("debit"), side("credit"));
    let db = store.db();
    let values = transfers.iter().map(|transfer| transfer.id.into());
    let rows = db
        .query_all_raw(Statement::from_sql_and_values(db.get_database_backend(), text, values))
        .await?;
    rows.iter().map(|row| entry::Model::from_query_result(row, "")).collect()
}

fn fields_of_transfer(transfer: transfer::Model) -> Vec<Field> {
    let fields = [
        Field::Id(transfer.id),
        Field::Text(transfer.mode),
        Field::Id(transfer.debit),
        Field::Id(transfer.credit),
        Field::Text(transfer.currency),
        Field::Number(transfer.amount),
        Field::Text(transfer.code),
        Field::Id(transfer.reference),
        Field::Number(transfer.created),
        Field::Number(transfer.debit_number),
        Field::Number(transfer.credit_number),
    ];
    fields.into_iter().chain(transfer.pending_id.map(Field::Id)).collect()
}

fn fields_of_entry(entry: &entry::Model) -> Vec<Field> {
    vec![
        Field::Id(entry.account),
        Field::Number(entry.number),
        Field::Id(entry.transfer),
        Field::Number(entry.created),
        Field::Number(entry.change),
        Field::Number(entry.debits_pending),
        Field::Number(entry.debits_posted),
        Field::Number(entry.credits_pending),
        Field::Number(entry.credits_posted),
        Field::Text(entry.code.clone()),
        Field::Id(entry.reference),
    ]
}
