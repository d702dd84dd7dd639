//! An order, for its buyer and its seller.

use proto::order::v1::{GetOrderRequest, Order as OrderMessage};
use runtime::auth::principal;
use tonic::{Request, Status};

use super::{Api, present, read};

pub(super) async fn handle(api: &Api, request: &Request<GetOrderRequest>) -> Result<OrderMessage, Status> {
    let principal = principal(request)?;
    let (order, _) = read::order(api, principal.organisation, &request.get_ref().order_id).await?;
    Ok(present::order(&order))
}
