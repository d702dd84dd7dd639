//! The JSON that carriers send.

use chrono::DateTime;
use kernel::{ParcelId, Time};
use proto::logistics::v1;
use runtime::{Problem, Violations};
use serde::Deserialize;
use serde_json::Value;

use crate::domain::{CarrierEvent, TrackingNumber, parcel_id};

/// How many events one delivery may bring.
const MOST: usize = 1_000;

/// How many characters are said of an event that cannot be read.
const TOLD: usize = 200;

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

/// What a delivery brings: the events that can be taken in, and what is wrong with the others.
#[derive(Default)]
pub(super) struct Delivery {
    pub(super) reports: Vec<Report>,
    pub(super) refused: Vec<v1::RefusedCarrierEvent>,
}

#[derive(Deserialize)]
struct Body {
    events: Vec<Value>,
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

/// Reads a delivery. Only what is no list of events is refused as a whole: one bad event would otherwise
/// keep the others out for as long as the carrier sends it along with them.
pub(super) fn parse(carrier: &str, body: &[u8], now: Time) -> Result<Delivery, Problem> {
    let body: Body = serde_json::from_slice(body).map_err(|error| Problem::invalid_field("body", error.to_string()))?;
    if !(1..=MOST).contains(&body.events.len()) {
        return Err(Problem::invalid_field("events", "must have one to 1,000 events"));
    }
    let mut delivery = Delivery::default();
    for (place, event) in (0..).zip(body.events) {
        match parse_event(event, carrier, now) {
            Ok(report) => delivery.reports.push(report),
            Err(wrong) => delivery.refused.push(refused(place, wrong)),
        }
    }
    Ok(delivery)
}

fn refused(place: i32, wrong: Violations) -> v1::RefusedCarrierEvent {
    let fields = wrong.into_fields().into_iter();
    v1::RefusedCarrierEvent {
        place,
        fields: fields
            .map(|(field, description)| v1::RefusedCarrierEventField { field, description })
            .collect(),
    }
}

fn parse_event(event: Value, carrier: &str, now: Time) -> Result<Report, Violations> {
    let mut check = Violations::new();
    let item = match serde_json::from_value::<Item>(event) {
        Ok(item) => item,
        Err(error) => {
            // It repeats what came, however much that was.
            check.add("", error.to_string().chars().take(TOLD).collect::<String>());
            return Err(check);
        }
    };
    let event = check.text("id", &item.id, 1..=200);
    let number = check.parse::<TrackingNumber>("tracking_number", &item.tracking_number);
    let status = check.text("status", &item.status, 1..=100);
    let possible = 0..=now.micros().saturating_add(AHEAD);
    let occurred = occurred(&item.occurred_at).filter(|time| possible.contains(&time.micros()));
    if occurred.is_none() {
        check.add(
            "occurred_at",
            "must be an RFC 3339 time from 1970 on, and at most a day ahead of now",
        );
    }
    let reason = check.text("reason", &item.reason, 0..=100);
    let location = check.text("location", &item.location, 0..=200);
    let description = check.text("description", &item.description, 0..=1_000);
    match (number, occurred) {
        (Some(number), Some(occurred)) if check.is_empty() => Ok(Report {
            event: CarrierEvent {
                carrier: carrier.to_owned(),
                event,
                parcel: parcel_id(carrier, &number),
                status,
                reason,
                location,
                description,
                occurred,
                received: now,
            },
            number,
        }),
        _ => Err(check),
    }
}

fn occurred(text: &str) -> Option<Time> {
    let time = DateTime::parse_from_rfc3339(text).ok()?;
    Some(Time::from_micros(time.timestamp_micros()))
}
