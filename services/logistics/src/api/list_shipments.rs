//! The shipments of an order, for its seller and its buyer.

use kernel::OrderId;
use proto::logistics::v1::{ListShipmentsRequest, ListShipmentsResponse};
use runtime::{Problem, auth::principal, parse_id};
use tonic::{Request, Status};

use super::{Api, get_shipment, present};
use crate::domain::{Reservation, Shipment};

pub(super) async fn handle(api: &Api, request: &Request<ListShipmentsRequest>) -> Result<ListShipmentsResponse, Status> {
    let party = principal(request)?.organisation;
    let order = parse_id::<OrderId>("order_id", &request.get_ref().order_id)?;
    let reservation = api.store.get::<Reservation>(order).await?.map(|reservation| reservation.order);
    let order = reservation.filter(|order| party == order.seller || party == order.buyer);
    let order = order.ok_or_else(|| Problem::not_found("order"))?;
    let shipment = get_shipment::of_party(api, party, Shipment::id_of(&order)).await?;
    Ok(ListShipmentsResponse {
        shipments: shipment.iter().map(present::shipment).collect(),
    })
}
