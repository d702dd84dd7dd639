//! The ledger of the acting organisation's stock of a variant, newest first.

use kernel::VariantId;
use proto::logistics::v1::{ListMovementsRequest, ListMovementsResponse};
use runtime::{Problem, Violations, auth::principal};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use store::{page, unread};
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
    let list = ("movements", owner, &request.variant_id);
    let (size, after) = check.page(request.page_size, &request.page_token, &list);
    check.check()?;
    let variant = variant.expect("a missing id ended the request");
    let own = row::Entity::find().filter(row::Column::Stock.eq(stock_id(owner, variant).uuid()));
    let select = page::newest_first(own, row::Column::Id, after, size);
    let mut rows = select.all(api.store.db()).await.map_err(unread)?;
    let next_page_token = page::cut(&mut rows, size, &list, |row| (0, row.id));
    let movements: Result<Vec<_>, _> = rows
        .into_iter()
        .map(|row| from_row(row).map(|(id, movement, time)| present::movement(id, &movement, time)))
        .collect();
    Ok(ListMovementsResponse {
        movements: movements.map_err(Problem::internal)?,
        next_page_token,
    })
}
