//! How buyers rate a seller.

use kernel::OrganisationId;
use proto::catalog::v1;
use runtime::Violations;
use tonic::Status;

use super::Api;
use crate::{domain::rating::Reputation, wire};

pub(super) async fn handle(api: &Api, request: &v1::GetSellerRatingRequest) -> Result<v1::Rating, Status> {
    let mut check = Violations::new();
    let seller = check.id::<OrganisationId>("seller_id", &request.seller_id);
    check.check()?;
    let seller = seller.expect("a missing id ended the request");
    let known = api.store.get::<Reputation>(seller).await?;
    Ok(known.and_then(|known| wire::review::rating(known.as_seller)).unwrap_or_default())
}
