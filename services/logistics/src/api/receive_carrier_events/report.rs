//! The JSON that carriers send.

use chrono::DateTime;
use kernel::{ParcelId, Time};
use runtime::{Problem, Violations};
use serde::Deserialize;

use crate::domain::{CarrierEvent, ShipmentState, TrackingNumber, parcel_id};

/// How many events one delivery may bring.
const MOST: usize = 1_000;

/// How far a carrier's clock may be ahead, in microseconds. What is dated later would keep every later report out.
const AHEAD: i64 = 24 * 3_600 * 1_000_000;

/// One event and the number that the carrier knows the parcel by.
pub(super) struct Report {
    pub(super) number: TrackingNumber,
    pub(super) event: CarrierEvent,
}

impl Report {
    pub(super) fn parcel(&self) -> ParcelId {
        self.event.parcel
    }
}

#[derive(Deserialize)]
struct Body {
    events: Vec<Item>,
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Item {
    id: String,
    tracking_number: String,
    status: String,
    occurred_at: String,
    reason: String,
    location: String,
    description: String,
}

pub(super) fn parse(carrier: &str, body: &[u8], now: Time) -> Result<Vec<Report>, Problem> {
    let body: Body = serde_json::from_slice(body).map_err(|error| Problem::invalid_field("body", error.to_string()))?;
    let mut check = Violations::new();
    check.require((1..=MOST).contains(&body.events.len()), "events", "must have one to 1,000 events");
    let items = body.events.iter().take(MOST).enumerate();
    let reports = items
        .filter_map(|(place, item)| parse_item(&mut check, place, item, carrier, now))
        .collect();
    check.check()?;
    Ok(reports)
}

fn parse_item(check: &mut Violations, place: usize, item: &Item, carrier: &str, now: Time) -> Option<Report> {
    let field = |name: &str| format!("events[{place}].{name}");
    let event = check.text(&field("id"), &item.id, 1..=200);
    let reason = check.text(&field("reason"), &item.reason, 0..=100);
    let location = check.text(&field("location"), &item.location, 0..=200);
    let description = check.text(&field("description"), &item.description, 0..=1_000);
    let number = item.tracking_number.parse::<TrackingNumber>();
    let number = number.map_err(|error| check.add(field("tracking_number"), error.to_string())).ok();
    let state = ShipmentState::ALL.into_iter().find(|state| state.name() == item.status);
    if state.is_none() {
        let names: Vec<&str> = ShipmentState::ALL.iter().map(|state| state.name()).collect();
        check.add(field("status"), format!("must be one of {}", names.join(", ")));
    }
    let possible = 0..=now.micros().saturating_add(AHEAD);
    let occurred = occurred(&item.occurred_at).filter(|time| possible.contains(&time.micros()));
    if occurred.is_none() {
        check.add(field("occurred_at"), "must be an RFC 3339 time between 1970 and now");
    }
    let number = number?;
    Some(Report {
        event: CarrierEvent {
            carrier: carrier.to_owned(),
            event,
            parcel: parcel_id(carrier, &number),
            state: state?,
            reason,
            location,
            description,
            occurred: occurred?,
            received: now,
        },
        number,
    })
}

fn occurred(text: &str) -> Option<Time> {
    let time = DateTime::parse_from_rfc3339(text).ok()?;
    Some(Time::from_micros(time.timestamp_micros()))
}
