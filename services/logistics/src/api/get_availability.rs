//! How many pieces a buyer could reserve now.

use kernel::{OrganisationId, VariantId};
use proto::logistics::v1::{Availability, GetAvailabilityRequest};
use runtime::{Problem, Violations};
use tonic::{Request, Status};

use super::Api;
use crate::{
    domain::{Stock, stock_id},
    problem::unread,
};

pub(super) async fn handle(api: &Api, request: Request<GetAvailabilityRequest>) -> Result<Availability, Status> {
    let request = request.into_inner();
    let mut violations = Violations::new();
    let seller = violations.id::<OrganisationId>("seller_id", &request.seller_id);
    let variant = violations.id::<VariantId>("variant_id", &request.variant_id);
    violations.check()?;
    let (seller, variant) = seller.zip(variant).ok_or_else(|| Problem::not_found("variant"))?;
    let stock = api.store.get::<Stock>(stock_id(seller, variant)).await.map_err(unread)?;
    Ok(Availability {
        variant_id: variant.to_string(),
        available: stock.map_or(0, |stock| stock.available()),
    })
}
