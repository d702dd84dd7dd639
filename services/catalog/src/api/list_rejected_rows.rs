//! The rows that an import rejected, in their order.

use ::store::unread;
use kernel::{ImportId, PageToken};
use proto::catalog::v1;
use runtime::{Problem, Violations, auth::principal};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use tonic::{Request, Status};

use super::Api;
use crate::store::rejection::{self, row};

pub(super) async fn handle(api: &Api, request: &Request<v1::ListRejectedRowsRequest>) -> Result<v1::ListRejectedRowsResponse, Status> {
    let principal = principal(request)?;
    let request = request.get_ref();
    let mut check = Violations::new();
    let id = check.id::<ImportId>("import_id", &request.import_id);
    let page = check.page(request.page_size, &request.page_token, ("rejected rows", &request.import_id));
    let id = check.finish(id)?;
    api.own_import(id, &principal).await?;

    let mut select = row::Entity::find().filter(row::Column::Import.eq(id.uuid()));
    if let Some(after) = page.after() {
        select = select.filter(row::Column::Place.gt(after.position));
    }
    let select = select.order_by_asc(row::Column::Place).limit(page.limit());
    let mut rows = select.all(api.store.db()).await.map_err(unread)?;
    let next_page_token = page.cut(&mut rows, |row| PageToken {
        position: row.place,
        id: row.id,
    });
    let rows = rows.iter().map(rejection::from_row).collect::<Result<Vec<_>, _>>();
    Ok(v1::ListRejectedRowsResponse {
        rows: rows.map_err(Problem::internal)?,
        next_page_token,
    })
}
