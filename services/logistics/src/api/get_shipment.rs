//! A shipment, for its seller and its buyer.

use kernel::{OrganisationId, ShipmentId};
use proto::logistics::v1::{GetShipmentRequest, Shipment as Answer};
use runtime::{Problem, Violations, auth::principal};
use store::Stored;
use tonic::{Request, Status};

use super::{Api, answers};
use crate::{domain::Shipment, problem::unread};

pub(super) async fn handle(api: &Api, request: Request<GetShipmentRequest>) -> Result<Answer, Status> {
    let party = principal(&request)?.organisation;
    let mut violations = Violations::new();
    let id = violations.id::<ShipmentId>("shipment_id", &request.get_ref().shipment_id);
    violations.check()?;
    let shipment = of_party(api, party, id).await?.ok_or_else(|| Problem::not_found("shipment"))?;
    Ok(answers::stored_shipment(&shipment))
}

/// The shipment, if this organisation sends or receives it; nobody else may know that it exists.
pub(super) async fn of_party(api: &Api, party: OrganisationId, id: Option<ShipmentId>) -> Result<Option<Stored<Shipment>>, Status> {
    let Some(id) = id else { return Ok(None) };
    let found = api.store.get::<Shipment>(id).await.map_err(unread)?;
    Ok(found.filter(|shipment| party == shipment.order.seller || party == shipment.order.buyer))
}
