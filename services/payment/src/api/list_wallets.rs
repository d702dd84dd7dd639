//! The acting organisation's wallets, one for each currency that it has used.

use proto::payment::v1::{ListWalletsRequest, ListWalletsResponse};
use runtime::auth::principal;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use tonic::{Request, Status};

use super::{Api, present};
use crate::{
    domain::ledger::{Account, Kind},
    store::account::row,
};

pub(super) async fn handle(api: &Api, request: &Request<ListWalletsRequest>) -> Result<ListWalletsResponse, Status> {
    let principal = principal(request)?;
    let own = row::Entity::find()
        .filter(row::Column::Owner.eq(principal.organisation.uuid()))
        .filter(row::Column::Kind.eq(Kind::Wallet.name()))
        .order_by_asc(row::Column::Currency);
    let accounts = api.store.select::<Account>(own).await?;
    Ok(ListWalletsResponse {
        wallets: accounts.iter().map(|account| present::wallet(account)).collect(),
    })
}
