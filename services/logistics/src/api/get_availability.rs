//! How many pieces a buyer could reserve now.

use kernel::{OrganisationId, VariantId};
use proto::logistics::v1::{Availability, GetAvailabilityRequest};
use runtime::Violations;
use tonic::{Request, Status};

use super::Api;
use crate::domain::{Stock, stock_id};

pub(super) async fn handle(api: &Api, request: &Request<GetAvailabilityRequest>) -> Result<Availability, Status> {
    let request = request.get_ref();
    let mut check = Violations::new();
    let seller = check.id::<OrganisationId>("seller_id", &request.seller_id);
    let variant = check.id::<VariantId>("variant_id", &request.variant_id);
    let (seller, variant) = check.finish((seller, variant))?;
    let stock = api.store.get::<Stock>(stock_id(seller, variant)).await?;
    Ok(Availability {
        variant_id: variant.to_string(),
        available: stock.map_or(0, |stock| stock.available()),
    })
}
