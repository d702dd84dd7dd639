//! The acting organisation's wallets, one for each currency that it has used.

use kernel::OrganisationId;
use proto::payment::v1::{ListWalletsRequest, ListWalletsResponse};
use runtime::auth::principal;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, Select, sea_query::Expr};
use tonic::{Request, Status};

use super::{Api, present};
use crate::{
    domain::account::{Account, Kind},
    store::account::row,
};

pub(super) async fn handle(api: &Api, request: &Request<ListWalletsRequest>) -> Result<ListWalletsResponse, Status> {
    let principal = principal(request)?;
    let accounts = api.store.select::<Account>(wallets_of(principal.organisation)).await?;
    Ok(ListWalletsResponse {
        wallets: accounts.iter().map(|account| present::wallet(account)).collect(),
    })
}

fn wallets_of(owner: OrganisationId) -> Select<row::Entity> {
    // The kind stands in the text, because a plan for any kind could not use the index of wallets.
    row::Entity::find()
        .filter(row::Column::Owner.eq(owner.uuid()))
        .filter(Expr::cust(format!("kind = '{}'", Kind::Wallet.name())))
        .order_by_asc(row::Column::Currency)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use harness::Database;
    use runtime::SystemClock;
    use sea_orm::{ConnectionTrait, DbBackend, QueryTrait};
    use store::{Options, Store};
    use uuid::Uuid;

    use super::*;
    use crate::store::migrations::Migrator;

    #[tokio::test]
    async fn wallets_are_found_without_the_escrows_of_their_owner() {
        let database = Database::sqlite();
        let options = Options::new(Arc::new(SystemClock));
        let store = Store::open::<Migrator>(database.url(), options).await.unwrap();
        let mut query = wallets_of(OrganisationId::from_uuid(Uuid::nil())).build(DbBackend::Sqlite);
        query.sql.insert_str(0, "EXPLAIN QUERY PLAN ");
        let plan = store.db().query_one_raw(query).await.unwrap().unwrap();
        let plan: String = plan.try_get("", "detail").unwrap();
        assert_eq!(plan, "SEARCH accounts USING INDEX wallets_of_owner (owner=?)");
    }
}
