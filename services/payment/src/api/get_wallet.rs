//! An organisation's wallets.

use proto::payment::v1::{GetWalletRequest, ListWalletsRequest, ListWalletsResponse, Wallet};
use runtime::{Violations, auth::principal};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use store::{Aggregate, Error};
use tonic::{Request, Status};

use super::{Api, present};
use crate::{
    domain::{
        Refusal,
        ledger::{Account, Kind, Place},
    },
    store::account::row,
};

/// One that was never used holds nothing.
pub(super) async fn handle(api: &Api, request: &Request<GetWalletRequest>) -> Result<Wallet, Status> {
    let principal = principal(request)?;
    let mut check = Violations::new();
    let currency = check.currency("currency", &request.get_ref().currency);
    check.check()?;
    let place = Place::wallet(principal.organisation, currency.expect("a missing currency ended the request"));
    let account = api.store.get::<Account>(place.id).await?;
    Ok(present::wallet(
        &account.map_or_else(|| Account::open(place), store::Stored::into_inner),
    ))
}

pub(super) async fn list(api: &Api, request: &Request<ListWalletsRequest>) -> Result<ListWalletsResponse, Status> {
    let principal = principal(request)?;
    let rows = row::Entity::find()
        .filter(row::Column::Owner.eq(principal.organisation.uuid()))
        .filter(row::Column::Kind.eq(Kind::Wallet.name()))
        .order_by_asc(row::Column::Currency)
        .all(api.store.db());
    let accounts = rows
        .await
        .map_err(Error::<Refusal>::from)?
        .into_iter()
        .map(Account::from_row)
        .collect::<Result<Vec<_>, _>>();
    let accounts = accounts.map_err(Error::<Refusal>::from)?;
    Ok(ListWalletsResponse {
        wallets: accounts.iter().map(|account| present::wallet(account)).collect(),
    })
}
