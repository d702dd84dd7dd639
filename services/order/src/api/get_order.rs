//! An order, for its buyer and its seller.

use kernel::OrderId;
use proto::order::v1::{GetOrderRequest, Order as OrderMessage};
use runtime::{auth::principal, parse_id};
use tonic::{Request, Status};

use super::{Api, present, read};

pub(super) async fn handle(api: &Api, request: &Request<GetOrderRequest>) -> Result<OrderMessage, Status> {
    let principal = principal(request)?;
    let id = parse_id::<OrderId>("order_id", &request.get_ref().order_id)?;
    let (order, _) = read::order(api, principal.organisation, id).await?;
    Ok(present::order(&order))
}
