//! What went in and out of a wallet, newest first. The entries' numbers are dense, so pages are exact.

use kernel::{Currency, LedgerAccountId, OrderId, PageToken, PaymentId, PayoutId, Time, TransferId};
use proto::payment::v1::{ListWalletEntriesRequest, ListWalletEntriesResponse, WalletEntry};
use runtime::{Problem, Violations, auth::principal, timestamp};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use store::Corrupt;
use tonic::{Request, Status};
use uuid::Uuid;

use super::{Api, present};
use crate::{
    domain::{account::AccountKey, transfer::Code},
    store::journal::entry,
};

pub(super) async fn handle(api: &Api, request: &Request<ListWalletEntriesRequest>) -> Result<ListWalletEntriesResponse, Status> {
    let principal = principal(request)?;
    let request = request.get_ref();
    let mut check = Violations::new();
    let currency = check.currency("currency", &request.currency);
    let list = ("wallet_entries", principal.organisation, &request.currency);
    let page = check.page(request.page_size, &request.page_token, list);
    let currency = check.finish(currency)?;
    let account = AccountKey::wallet(principal.organisation, currency).id.uuid();

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
    let entries: Result<_, Corrupt> = rows.iter().map(|row| wallet_entry(row, currency)).collect();
    Ok(ListWalletEntriesResponse {
        entries: entries.map_err(Problem::internal)?,
        next_page_token,
    })
}

fn wallet_entry(row: &entry::Model, currency: Currency) -> Result<WalletEntry, Corrupt> {
    let code = Code::named(&row.code).ok_or_else(|| Corrupt::new("entries", "code"))?;
    Ok(WalletEntry {
        transfer_id: TransferId::from_uuid(row.transfer).to_string(),
        change: present::amount(row.change, currency),
        balance_after: present::amount(row.credits_posted - row.debits_posted, currency),
        kind: code.name().to_owned(),
        reference: reference(code, row.reference),
        time: Some(timestamp(Time::from_micros(row.created))),
    })
}

/// What is behind an entry follows from what it was for.
fn reference(code: Code, id: Uuid) -> String {
    match code {
        Code::Purchase | Code::Sale | Code::Fee | Code::Refund => OrderId::from_uuid(id).to_string(),
        Code::TopUp => PaymentId::from_uuid(id).to_string(),
        Code::Payout | Code::PayoutReturned => PayoutId::from_uuid(id).to_string(),
        Code::FeesGathered => LedgerAccountId::from_uuid(id).to_string(),
        Code::Transfer => TransferId::from_uuid(id).to_string(),
    }
}
