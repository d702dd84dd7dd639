//! Goods come into a warehouse.

use kernel::{VariantId, WarehouseId};
use proto::logistics::v1::{ReceiveStockRequest, Stock as StockMessage};
use runtime::{Violations, auth::principal};
use store::Cause;
use tonic::{Request, Status};

use super::{Api, count_stock::count, get_warehouse};

pub(super) async fn handle(api: &Api, request: &Request<ReceiveStockRequest>) -> Result<StockMessage, Status> {
    let owner = principal(request)?.organisation;
    let request = request.get_ref();
    let mut check = Violations::new();
    let warehouse = check.id::<WarehouseId>("warehouse_id", &request.warehouse_id);
    let variant = check.id::<VariantId>("variant_id", &request.variant_id);
    let quantity = check.quantity("quantity", request.quantity);
    let note = check.text("note", &request.note, 0..=500);
    let (warehouse, variant) = check.finish((warehouse, variant))?;
    let warehouse = get_warehouse::owned(api, owner, warehouse).await?.id;
    let cause = Cause::request(owner, "ReceiveStock", &request.request_id, request);
    let quantity = i64::try_from(quantity).unwrap_or(i64::MAX);
    count(api, cause, owner, variant, move |stock| stock.receive(warehouse, quantity, &note)).await
}
