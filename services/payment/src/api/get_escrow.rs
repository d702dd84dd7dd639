//! What an order's escrow holds, for its buyer and its seller.

use kernel::OrderId;
use proto::payment::v1::{Escrow as EscrowMessage, GetEscrowRequest};
use runtime::{Problem, auth::principal, parse_id};
use tonic::{Request, Status};

use super::{Api, present};
use crate::domain::escrow::Escrow;

pub(super) async fn handle(api: &Api, request: &Request<GetEscrowRequest>) -> Result<EscrowMessage, Status> {
    let principal = principal(request)?;
    let id = parse_id::<OrderId>("order_id", &request.get_ref().order_id)?;
    let party = |escrow: &Escrow| [escrow.buyer, escrow.seller].contains(&principal.organisation);
    let escrow = api.store.get::<Escrow>(id).await?.filter(|escrow| party(escrow));
    Ok(present::escrow(&escrow.ok_or_else(|| Problem::not_found("escrow"))?))
}
