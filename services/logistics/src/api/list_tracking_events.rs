//! Every carrier event of a shipment, by the time it happened.

use kernel::{ParcelId, ShipmentId};
use proto::logistics::v1::{self, ListTrackingEventsRequest, ListTrackingEventsResponse, TrackingEvent};
use runtime::{Problem, auth::principal, parse_id, timestamp};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use tonic::{Request, Status};

use super::{Api, get_shipment};
use crate::{
    domain::{CarrierEvent, Parcel, Shipment, Track, reported_since},
    store::{carrier_event::row, facts::shipment_state},
};

/// How many events are shown; of more, the latest. A parcel has a few dozen.
const MOST: u64 = 5_000;

pub(super) async fn handle(api: &Api, request: &Request<ListTrackingEventsRequest>) -> Result<ListTrackingEventsResponse, Status> {
    let party = principal(request)?.organisation;
    let id = parse_id::<ShipmentId>("shipment_id", &request.get_ref().shipment_id)?;
    let shipment = get_shipment::of_party(api, party, id)
        .await?
        .ok_or_else(|| Problem::not_found("shipment"))?;
    let ids = || shipment.parcels.iter().map(|parcel| parcel.id);
    let tracks = api.store.get_all::<Track>(ids()).await?;
    let of_parcels = shipment.parcels.iter().map(|parcel| {
        let lost = tracks
            .iter()
            .any(|track| track.id() == parcel.id && track.claim.shipment() != Some(id));
        of_parcel(&shipment, parcel, lost)
    });
    let select = row::Entity::find()
        .filter(row::Column::Parcel.is_in(ids().map(ParcelId::uuid)))
        .filter(of_parcels.fold(Condition::any(), Condition::add))
        .order_by_desc(row::Column::Occurred)
        .order_by_desc(row::Column::Id)
        .limit(MOST);
    let events = api.store.select::<CarrierEvent>(select).await?;
    Ok(ListTrackingEventsResponse {
        events: events.iter().rev().map(|event| present(event)).collect(),
    })
}

/// Other parcels have the same number before the order was made, and when the number is another's,
/// after this one's way has ended. Where those go is nobody's business here.
fn of_parcel(shipment: &Shipment, parcel: &Parcel, lost: bool) -> Condition {
    let last = parcel.progress.since.micros();
    Condition::all()
        .add(row::Column::Parcel.eq(parcel.id.uuid()))
        .add(row::Column::Occurred.gte(reported_since(shipment.ordered).micros()))
        .add(row::Column::Received.gte(shipment.ordered.micros()))
        .add_option(lost.then(|| row::Column::Occurred.lte(last)))
}

fn present(event: &CarrierEvent) -> TrackingEvent {
    TrackingEvent {
        parcel_id: event.parcel.to_string(),
        carrier_event_id: event.event.clone(),
        state: event.state().map_or(v1::ShipmentState::Unspecified, shipment_state).into(),
        reason: event.reason.clone(),
        location: event.location.clone(),
        description: event.description.clone(),
        occur_time: Some(timestamp(event.occurred)),
        receive_time: Some(timestamp(event.received)),
        status: event.status.clone(),
    }
}
