//! The acting organisation's stock of a variant.

use kernel::VariantId;
use proto::logistics::v1::{GetStockRequest, Stock as StockMessage};
use runtime::{auth::principal, parse_id};
use store::Stored;
use tonic::{Request, Status};

use super::{Api, present};
use crate::domain::{Stock, stock_id};

pub(super) async fn handle(api: &Api, request: &Request<GetStockRequest>) -> Result<StockMessage, Status> {
    let owner = principal(request)?.organisation;
    let variant = parse_id::<VariantId>("variant_id", &request.get_ref().variant_id)?;
    let stock = api.store.get::<Stock>(stock_id(owner, variant)).await?;
    // Whether the variant exists is the catalog's to know; here it is stock of no pieces.
    let stock = stock.unwrap_or_else(|| Stored::new(0, Stock::empty(owner, variant)));
    Ok(present::stock(&stock))
}
