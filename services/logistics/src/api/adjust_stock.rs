//! Stocktaking found another number.

use kernel::{VariantId, WarehouseId};
use proto::logistics::v1::{AdjustStockRequest, Stock as StockMessage};
use runtime::{Violations, auth::principal};
use store::Cause;
use tonic::{Request, Status};

use super::{Api, count_stock::count, get_warehouse};
use crate::domain::MOST_PIECES;

pub(super) async fn handle(api: &Api, request: &Request<AdjustStockRequest>) -> Result<StockMessage, Status> {
    let owner = principal(request)?.organisation;
    let request = request.get_ref();
    let mut check = Violations::new();
    let warehouse = check.id::<WarehouseId>("warehouse_id", &request.warehouse_id);
    let variant = check.id::<VariantId>("variant_id", &request.variant_id);
    check.require(request.change != 0, "change", "must not be zero");
    let possible = request.change.unsigned_abs() <= MOST_PIECES.unsigned_abs();
    check.require(possible, "change", "must be at most 1,000,000,000,000,000 pieces, more or fewer");
    let note = check.text("note", &request.note, 0..=500);
    let (warehouse, variant) = check.finish((warehouse, variant))?;
    let warehouse = get_warehouse::owned(api, owner, warehouse).await?.id;
    let cause = Cause::request(owner, "AdjustStock", &request.request_id, request);
    let quantity = request.change;
    count(api, cause, owner, variant, move |stock| stock.adjust(warehouse, quantity, &note)).await
}
