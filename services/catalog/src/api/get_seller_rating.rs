//! How buyers rate a seller.

use kernel::OrganisationId;
use proto::catalog::v1;
use runtime::parse_id;
use tonic::Status;

use super::Api;
use crate::{domain::rating::Reputation, wire};

pub(super) async fn handle(api: &Api, request: &v1::GetSellerRatingRequest) -> Result<v1::Rating, Status> {
    let seller = parse_id::<OrganisationId>("seller_id", &request.seller_id)?;
    let known = api.store.get::<Reputation>(seller).await?;
    Ok(known.and_then(|known| wire::review::rating(known.as_seller)).unwrap_or_default())
}
