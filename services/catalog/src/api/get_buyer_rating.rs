//! How sellers rate a buyer.

use kernel::OrganisationId;
use proto::catalog::v1;
use runtime::parse_id;
use tonic::Status;

use super::Api;
use crate::{domain::rating::Reputation, wire};

pub(super) async fn handle(api: &Api, request: &v1::GetBuyerRatingRequest) -> Result<v1::Rating, Status> {
    let buyer = parse_id::<OrganisationId>("buyer_id", &request.buyer_id)?;
    let known = api.store.get::<Reputation>(buyer).await?;
    Ok(known.and_then(|known| wire::review::rating(known.as_buyer)).unwrap_or_default())
}
