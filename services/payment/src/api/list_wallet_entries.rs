//! What went in and out of a wallet, newest first. The entries' numbers are dense, so pages are exact.

use kernel::{OrderId, PageToken, PaymentId, PayoutId, Time, TransferId};
use proto::payment::v1::{ListWalletEntriesRequest, ListWalletEntriesResponse, WalletEntry};
use runtime::{Violations, auth::principal, timestamp};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use tonic::{Request, Status};

use super::{Api, present};
use crate::{domain::ledger::Place, store::journal::entry};

pub(super) async fn handle(api: &Api, request: &Request<ListWalletEntriesRequest>) -> Result<ListWalletEntriesResponse, Status> {
    let principal = principal(request)?;
    let request = request.get_ref();
    let mut check = Violations::new();
    let currency = check.currency("currency", &request.currency);
    let list = ("wallet_entries", principal.organisation, &request.currency);
    let page = check.page(request.page_size, &request.page_token, list);
    let currency = check.finish(currency)?;
    let account = Place::wallet(principal.organisation, currency).id.uuid();

    let mut select = entry::Entity::find().filter(entry::Column::Account.eq(account));
    if let Some(after) = page.after() {
        select = select.filter(entry::Column::Number.lt(after.position));
    }
    let select = select.order_by_desc(entry::Column::Number).limit(page.limit());
    let mut rows = select.all(api.store.db()).await.map_err(store::unread)?;
    let next_page_token = page.cut(&mut rows, |row| PageToken {
        position: row.number,
        id: account,
    });
    let entries = rows.iter().map(|row| WalletEntry {
        transfer_id: TransferId::from_uuid(row.transfer).to_string(),
        change: present::amount(row.change, currency),
        balance_after: present::amount(row.credits_posted - row.debits_posted, currency),
        kind: row.code.clone(),
        reference: reference(row),
        time: Some(timestamp(Time::from_micros(row.created))),
    });
    Ok(ListWalletEntriesResponse {
        entries: entries.collect(),
        next_page_token,
    })
}

/// What is behind an entry follows from what it was for.
fn reference(row: &entry::Model) -> String {
    match row.code.as_str() {
        "purchase" | "sale" | "fee" | "refund" => OrderId::from_uuid(row.reference).to_string(),
        "top_up" => PaymentId::from_uuid(row.reference).to_string(),
        "payout" | "payout_returned" => PayoutId::from_uuid(row.reference).to_string(),
        _ => TransferId::from_uuid(row.reference).to_string(),
    }
}
