//! Stocktaking found another number.

use kernel::{VariantId, WarehouseId};
use proto::logistics::v1::{AdjustStockRequest, Stock as Answer};
use runtime::{Violations, auth::principal};
use store::Cause;
use tonic::{Request, Status};

use super::{Api, get_stock, get_warehouse};

pub(super) async fn handle(api: &Api, request: Request<AdjustStockRequest>) -> Result<Answer, Status> {
    let owner = principal(&request)?.organisation;
    let request = request.into_inner();
    let mut violations = Violations::new();
    let warehouse = violations.id::<WarehouseId>("warehouse_id", &request.warehouse_id);
    let variant = violations.id::<VariantId>("variant_id", &request.variant_id);
    violations.require(request.change != 0, "change", "must not be zero");
    let note = violations.text("note", &request.note, 0..=500);
    violations.check()?;
    let warehouse = get_warehouse::owned(api, owner, warehouse).await?.id;
    let cause = Cause::request(owner, "AdjustStock", &request.request_id, &request);
    let quantity = request.change;
    get_stock::count(api, cause, owner, variant, move |stock| stock.adjust(warehouse, quantity, &note)).await
}
