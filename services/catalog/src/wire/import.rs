//! Imports and rejected rows.

use proto::catalog::v1;
use runtime::{problem::reason_of, timestamp};
use tonic::Status;
use tonic_types::StatusExt;

use crate::domain::import::{Import, State};

/// The import as its owner sees it.
pub(crate) fn to_proto(import: &Import) -> v1::Import {
    v1::Import {
        id: import.id.to_string(),
        store_id: import.shop.to_string(),
        state: state(import.state).into(),
        received: import.received(),
        listed: import.counts.listed,
        changed: import.counts.changed,
        unchanged: import.counts.unchanged,
        rejected: import.counts.rejected,
        create_time: Some(timestamp(import.created)),
        update_time: Some(timestamp(import.updated)),
    }
}

const fn state(state: State) -> v1::ImportState {
    match state {
        State::Open => v1::ImportState::Open,
        State::Completed => v1::ImportState::Completed,
    }
}

/// Why a row was not listed, as a request of its own would have been told.
pub(crate) fn rejected(row: i64, status: &Status) -> v1::RejectedRow {
    let violations = status.get_details_bad_request().map(|bad| bad.field_violations);
    let fields = violations.unwrap_or_default().into_iter();
    v1::RejectedRow {
        row,
        reason: reason_of(status).unwrap_or_default(),
        detail: status.message().to_owned(),
        fields: fields
            .map(|violation| v1::RejectedField {
                field: violation.field,
                description: violation.description,
            })
            .collect(),
    }
}
