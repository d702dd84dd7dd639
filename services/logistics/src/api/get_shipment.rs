//! A shipment, for its seller and its buyer.

use kernel::{OrganisationId, ShipmentId};
use proto::logistics::v1::{GetShipmentRequest, Shipment as ShipmentMessage};
use runtime::{Problem, auth::principal, parse_id};
use store::Stored;
use tonic::{Request, Status};

use super::{Api, present};
use crate::domain::Shipment;

pub(super) async fn handle(api: &Api, request: &Request<GetShipmentRequest>) -> Result<ShipmentMessage, Status> {
    let party = principal(request)?.organisation;
    let id = parse_id::<ShipmentId>("shipment_id", &request.get_ref().shipment_id)?;
    let shipment = of_party(api, party, id).await?.ok_or_else(|| Problem::not_found("shipment"))?;
    Ok(present::shipment(&shipment))
}

/// The shipment, if this organisation sends or receives it; nobody else may know that it exists.
pub(super) async fn of_party(api: &Api, party: OrganisationId, id: ShipmentId) -> Result<Option<Stored<Shipment>>, Problem> {
    let found = api.store.get::<Shipment>(id).await?;
    Ok(found.filter(|shipment| party == shipment.order.seller || party == shipment.order.buyer))
}
