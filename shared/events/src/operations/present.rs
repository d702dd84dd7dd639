//! Letters as the API shows them.

use kernel::{EventId, Time};
use proto::operations::v1;
use store::{DeadLetter, Listed, Purged};

pub(super) fn time(micros: i64) -> prost_types::Timestamp {
    runtime::timestamp(Time::from_micros(micros))
}

pub(super) fn letter(consumer: String, dead: DeadLetter, behind: u64) -> v1::DeadLetter {
    v1::DeadLetter {
        consumer,
        event_id: EventId::from_uuid(dead.letter.event).to_string(),
        subject: dead.letter.subject,
        aggregate_id: dead.letter.aggregate.to_string(),
        version: dead.letter.version,
        error: dead.error,
        tries: i32::try_from(dead.tries).unwrap_or(i32::MAX),
        event_time: Some(time(dead.letter.occurred)),
        create_time: Some(time(dead.created)),
        try_time: (dead.tried > 0).then(|| time(dead.tried)),
        queued_behind: count(behind),
    }
}

pub(super) fn listed(listed: Listed) -> v1::DeadLetter {
    letter(listed.consumer, listed.dead, listed.behind)
}

pub(super) fn purged(purged: Purged) -> v1::PurgedLetter {
    v1::PurgedLetter {
        letter: Some(letter(purged.consumer, purged.dead, 0)),
        reason: purged.reason,
        account_id: purged.account.to_string(),
        purge_time: Some(runtime::timestamp(purged.time)),
    }
}

/// Counts are signed in the protos, so that JSON's readers meet one kind of number.
pub(super) fn count(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
