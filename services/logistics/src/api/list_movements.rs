//! The ledger of the acting organisation's stock of a variant, newest first.

use kernel::{PageToken, VariantId};
use proto::logistics::v1::{ListMovementsRequest, ListMovementsResponse};
use runtime::{Problem, Violations, auth::principal};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use store::newest_first;
use tonic::{Request, Status};

use super::{Api, present};
use crate::{
    domain::stock_id,
    store::movement::{from_row, row},
};

pub(super) async fn handle(api: &Api, request: &Request<ListMovementsRequest>) -> Result<ListMovementsResponse, Status> {
    let owner = principal(request)?.organisation;
    let request = request.get_ref();
    let mut check = Violations::new();
    let variant = check.id::<VariantId>("variant_id", &request.variant_id);
    let page = check.page(request.page_size, &request.page_token, ("movements", owner, &request.variant_id));
    let variant = check.finish(variant)?;
    let select = row::Entity::find().filter(row::Column::Stock.eq(stock_id(owner, variant).uuid()));
    let rows = newest_first(select, &page).all(api.store.db()).await;
    let mut rows = rows.map_err(store::unread)?;
    let next_page_token = page.cut(&mut rows, |row| PageToken::at(row.id));
    let movements: Result<Vec<_>, _> = rows
        .into_iter()
        .map(|row| from_row(row).map(|(id, movement, time)| present::movement(id, &movement, time)))
        .collect();
    Ok(ListMovementsResponse {
        movements: movements.map_err(Problem::internal)?,
        next_page_token,
    })
}
