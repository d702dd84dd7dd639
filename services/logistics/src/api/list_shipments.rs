//! The shipments of an order, for its seller and its buyer.

use kernel::OrderId;
use proto::logistics::v1::{ListShipmentsRequest, ListShipmentsResponse};
use runtime::{Problem, Violations, auth::principal};
use tonic::{Request, Status};

use super::{Api, answers, get_shipment};
use crate::{
    domain::{Reservation, Shipment},
    problem::unread,
};

pub(super) async fn handle(api: &Api, request: Request<ListShipmentsRequest>) -> Result<ListShipmentsResponse, Status> {
    let party = principal(&request)?.organisation;
    let mut violations = Violations::new();
    let order = violations.id::<OrderId>("order_id", &request.get_ref().order_id);
    violations.check()?;
    let order = order.ok_or_else(|| Problem::not_found("order"))?;
    let reservation = api
        .store
        .get::<Reservation>(order)
        .await
        .map_err(unread)?
        .map(|reservation| reservation.order);
    let order = reservation.filter(|order| party == order.seller || party == order.buyer);
    let order = order.ok_or_else(|| Problem::not_found("order"))?;
    let shipment = get_shipment::of_party(api, party, Some(Shipment::id_of(&order))).await?;
    Ok(ListShipmentsResponse {
        shipments: shipment.iter().map(answers::stored_shipment).collect(),
    })
}
