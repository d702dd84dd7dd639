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

/// Why a row was not listed, as a request of its own would have been told. Nobody names the fields anew on their way to the client, as the
/// gateway does where they come in a problem, so they have their names in JSON here.
pub(crate) fn rejected(row: i64, status: &Status) -> v1::RejectedRow {
    let violations = status.get_details_bad_request().map(|bad| bad.field_violations).unwrap_or_default();
    let detail = status.message();
    let about = violations
        .iter()
        .find_map(|violation| Some((&violation.field, detail.strip_prefix(violation.field.as_str())?)))
        .filter(|(_, rest)| rest.starts_with(": "));
    v1::RejectedRow {
        row,
        reason: reason_of(status).unwrap_or_default(),
        detail: about.map_or_else(|| detail.to_owned(), |(field, rest)| format!("{}{rest}", in_json(field))),
        fields: violations
            .into_iter()
            .map(|violation| v1::RejectedField {
                field: in_json(&violation.field),
                description: violation.description,
            })
            .collect(),
    }
}

/// The path of a field as JSON writes it: `variants[0].priceTiers` of `variants[0].price_tiers`.
fn in_json(path: &str) -> String {
    let mut words = path.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |path, word| {
        let (letter, rest) = word.split_at(word.len().min(1));
        path + &letter.to_ascii_uppercase() + rest
    })
}
