//! A carrier reports what happened to parcels: signed, twice, late, in any order, and sometimes before their seller has told us of them.

use std::{collections::BTreeSet, sync::Arc};

use kernel::{OrderId, ParcelId, ShipmentId, StockId, Time};
use proto::logistics::v1::{ReceiveCarrierEventsRequest, ReceiveCarrierEventsResponse};
use report::{Delivery, Report};
use runtime::{Problem, webhooks::Headers};
use store::{Cause, Keys, Work};
use tonic::{Request, Status};
use uuid::Uuid;

use super::Api;
use crate::{
    domain::{CarrierEvent, Claim, Event, Progress, Refusal, Reservation, Shipment, ShipmentState, Stock, Track, parcel_id, stock_id},
    store::{facts, movement::Journal, shelf},
};

mod report;

/// What reports may change besides the parcels that they are about.
#[derive(Default)]
struct Touched {
    /// The shipments of these parcels.
    shipments: BTreeSet<ShipmentId>,
    /// The orders whose goods may come back.
    orders: Vec<OrderId>,
    /// The stock that they come back to.
    stocks: Vec<StockId>,
}

pub(super) async fn handle(api: &Api, request: &Request<ReceiveCarrierEventsRequest>) -> Result<ReceiveCarrierEventsResponse, Status> {
    let now = api.now();
    let delivery = believe(api, request, now)?;
    let brought = &Arc::new(report::parse(&request.get_ref().carrier, body(request.get_ref()), now)?);
    let reports = &brought.reports;
    if reports.is_empty() {
        // Nothing of it can be taken in, and nothing is written of it.
        return Ok(ReceiveCarrierEventsResponse {
            refused: brought.refused.clone(),
            ..ReceiveCarrierEventsResponse::default()
        });
    }
    let filed = api.store.execute_prepared(delivery, Refusal::is_about_preparation, |_| async move {
        let touched = touched_by(api, reports).await?;
        let keys = Keys::new()
            .all::<CarrierEvent>(reports.iter().map(|report| report.event.id()))
            .all::<Track>(reports.iter().map(Report::parcel))
            .all::<Shipment>(touched.shipments.iter().copied())
            .all::<Reservation>(touched.orders.iter().copied())
            .all::<Stock>(touched.stocks.iter().copied());
        let (brought, journal) = (Arc::clone(brought), Journal::at(now));
        Ok((keys, move |work: &mut Work| file(work, &brought, &touched, journal)))
    });
    filed.await
}

/// Goods come back with the report of a return, or of a parcel that never leaves, and with no other.
async fn touched_by(api: &Api, reports: &[Report]) -> Result<Touched, Problem> {
    let tracks = api.store.get_all::<Track>(reports.iter().map(Report::parcel)).await?;
    let shipments = tracks.iter().filter_map(|track| track.claim.shipment()).collect();
    let ends: BTreeSet<ParcelId> = reports
        .iter()
        .filter(|report| matches!(report.event.state(), Some(ShipmentState::Returned | ShipmentState::Cancelled)))
        .map(Report::parcel)
        .collect();
    let ending = tracks.iter().filter(|track| ends.contains(&track.id()));
    let ending: BTreeSet<ShipmentId> = ending.filter_map(|track| track.claim.shipment()).collect();
    let mut touched = Touched {
        shipments,
        ..Touched::default()
    };
    for shipment in api.store.get_all::<Shipment>(ending).await? {
        let lines = shipment.parcels.iter().flat_map(|parcel| &parcel.lines);
        let stocks = lines.map(|line| stock_id(shipment.order.seller, line.variant));
        touched.stocks.extend(stocks);
        touched.orders.push(shipment.order.id);
    }
    Ok(touched)
}

/// Who has the carrier's secret is the carrier. The cause is the delivery: repeated to the byte, it hears the same answer.
fn believe(api: &Api, request: &Request<ReceiveCarrierEventsRequest>, now: Time) -> Result<Cause, Problem> {
    let message = request.get_ref();
    let verifier = api
        .carriers
        .verifier(&message.carrier)
        .ok_or_else(|| Problem::not_found("carrier"))?;
    let verifier = verifier.ok_or_else(|| Problem::unauthenticated("this carrier has no secret, so its reports cannot be verified"))?;
    let (headers, body) = (Headers::of(request.metadata()), body(message));
    verifier.verify(headers, body, now)?;
    let delivery = format!("{} {} {}", message.carrier, headers.id, headers.timestamp);
    Ok(Cause::step(&delivery, Uuid::new_v5(&Uuid::NAMESPACE_OID, body)))
}

/// The bytes that the carrier signed.
fn body(message: &ReceiveCarrierEventsRequest) -> &[u8] {
    message.body.as_ref().map(|body| body.data.as_ref()).unwrap_or_default()
}

fn file(work: &mut Work, brought: &Delivery, touched: &Touched, journal: Journal) -> Result<ReceiveCarrierEventsResponse, Refusal> {
    let mut answer = ReceiveCarrierEventsResponse {
        refused: brought.refused.clone(),
        ..ReceiveCarrierEventsResponse::default()
    };
    let mut shelf = shelf::take(work, &touched.stocks);
    for report in &brought.reports {
        if work.get::<CarrierEvent>(report.event.id()).is_some() {
            answer.already_known += 1;
            continue;
        }
        answer.accepted += 1;
        work.insert(report.event.clone());
        let claim = work.get::<Track>(report.parcel()).map(|track| track.claim);
        match claim.and_then(Claim::shipment) {
            Some(shipment) if touched.shipments.contains(&shipment) => {
                let shipment = work
                    .change::<Shipment>(shipment)
                    .expect("a number is claimed together with adding the shipment");
                let (order, events) = (shipment.order.id, shipment.hear(&report.event));
                if events.iter().any(Event::is_return) {
                    let reservation = work.change::<Reservation>(order).expect("only what was reserved is shipped");
                    reservation.take_back(&mut shelf)?;
                }
                facts::emit(work, events);
            }
            // The seller told us of the parcel while we prepared.
            Some(_) => return Err(Refusal::Moved),
            None => remember(work, report),
        }
    }
    shelf::put(work, &shelf, journal);
    Ok(answer)
}

/// Nobody has told us of this parcel yet: its track waits for whoever will.
fn remember(work: &mut Work, report: &Report) {
    if work.get::<Track>(report.parcel()).is_none() {
        work.insert(Track {
            carrier: report.event.carrier.clone(),
            number: report.number.clone(),
            claim: Claim::Open(Progress::purchased(report.event.occurred)),
        });
    }
    let track = work.change::<Track>(parcel_id(&report.event.carrier, &report.number));
    if let Some(Track {
        claim: Claim::Open(progress),
        ..
    }) = track
    {
        progress.hear(&report.event);
    }
}
