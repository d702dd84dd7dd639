//! An event as it travels: a CloudEvent in binary mode.

use async_nats::HeaderMap;
use bytes::Bytes;
use kernel::{EventId, OrganisationId, Time};
use store::{Cause, Letter, OutboxRow};
use uuid::Uuid;

use crate::Failure;

/// Something that happened in some service.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Unique for ever, and the cause of what its consumers write.
    pub id: EventId,
    /// Such as `order.v1.paid`.
    pub subject: String,
    /// Whom it happened to.
    pub aggregate: Uuid,
    /// The aggregate's version after it.
    pub version: i64,
    /// The organisations that it concerns.
    pub owners: Vec<OrganisationId>,
    /// When it happened.
    pub time: Time,
    /// W3C trace context of whoever caused it; may be empty.
    pub traceparent: String,
    body: Bytes,
}

impl Event {
    /// The message that the event carries.
    ///
    /// # Errors
    /// A body that is not this message.
    pub fn decode<M: prost::Message + Default>(&self) -> Result<M, Failure> {
        M::decode(self.body.clone()).map_err(|error| Failure::new(format!("{}: {error}", self.subject)))
    }

    /// Why a write happens that takes this event in. A service has one handler for a subject, so no two of its writes have this cause.
    pub fn cause(&self) -> Cause {
        Cause::event(&self.subject, self.id)
    }

    pub(crate) fn read(subject: &str, headers: Option<&HeaderMap>, body: Bytes) -> Result<Self, Failure> {
        let headers = headers.ok_or_else(|| Failure::new("an event without headers"))?;
        let text = |name: &str| {
            headers
                .get(name)
                .map(|value| value.as_str())
                .ok_or_else(|| Failure::new(format!("an event without {name}")))
        };
        let number = |name: &str| {
            text(name)?
                .parse::<i64>()
                .map_err(|_| Failure::new(format!("{name} is not a number")))
        };
        let uuid = |name: &str| {
            text(name)?
                .parse::<Uuid>()
                .map_err(|_| Failure::new(format!("{name} is not a UUID")))
        };
        Ok(Self {
            id: EventId::from_uuid(uuid("ce-id")?),
            subject: subject.to_owned(),
            aggregate: uuid("ce-subject")?,
            version: number("ce-aggregateversion")?,
            owners: owners(text("ce-owners").unwrap_or_default())?,
            time: Time::from_micros(number("ce-timemicros")?),
            traceparent: text("traceparent").unwrap_or_default().to_owned(),
            body,
        })
    }

    pub(crate) fn into_letter(self) -> Letter {
        let owners: Vec<String> = self.owners.iter().map(OrganisationId::to_string).collect();
        Letter {
            event: self.id.uuid(),
            subject: self.subject,
            aggregate: self.aggregate,
            version: self.version,
            owners: owners.join(","),
            traceparent: self.traceparent,
            occurred: self.time.micros(),
            body: self.body.to_vec(),
        }
    }

    pub(crate) fn from_letter(letter: Letter) -> Result<Self, Failure> {
        Ok(Self {
            id: EventId::from_uuid(letter.event),
            subject: letter.subject,
            aggregate: letter.aggregate,
            version: letter.version,
            owners: owners(&letter.owners)?,
            time: Time::from_micros(letter.occurred),
            traceparent: letter.traceparent,
            body: letter.body.into(),
        })
    }
}

fn owners(list: &str) -> Result<Vec<OrganisationId>, Failure> {
    list.split(',')
        .filter(|owner| !owner.is_empty())
        .map(|owner| owner.parse().map_err(Failure::from))
        .collect()
}

/// The headers of an event: CloudEvents 1.0 attributes, ours as extensions, and the id once more for the broker's two-minute net.
pub(crate) fn headers(domain: &str, row: &OutboxRow) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let id = row.id.to_string();
    headers.insert("Nats-Msg-Id", id.as_str());
    headers.insert("ce-specversion", "1.0");
    headers.insert("ce-id", id);
    headers.insert("ce-type", row.subject.as_str());
    headers.insert("ce-source", domain);
    headers.insert("ce-subject", row.aggregate.to_string());
    headers.insert("ce-time", Time::from_micros(row.created).to_string());
    headers.insert("ce-timemicros", row.created.to_string());
    headers.insert("ce-aggregateversion", row.version.to_string());
    headers.insert("content-type", "application/protobuf");
    if !row.owners.is_empty() {
        headers.insert("ce-owners", row.owners.as_str());
    }
    if !row.traceparent.is_empty() {
        headers.insert("traceparent", row.traceparent.as_str());
    }
    headers
}
