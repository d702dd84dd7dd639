//! Takes in the next rows of an import.
//!
//! First the import is claimed for these rows, which is where they are refused, if they are. Then each row is a write of its own, caused by
//! the import, its number and its content; then the rows are counted in one more, which ends the claim. Whoever is interrupted in between
//! sends the rows again: those that are listed already are known, and all are counted once. Other rows, be they the same in
//! requests of another size, wait until the claim is over.

use std::collections::HashSet;

use ::store::{Cause, Keys};
use futures::future::join_all;
use kernel::{ImportId, uuid::Uuid};
use prost::Message;
use proto::catalog::v1;
use runtime::{
    Violations,
    auth::{Principal, principal},
};
use tonic::{Code, Request, Status};

use super::{Api, import_row as row};
use crate::{
    domain::{
        Refusal,
        import::{Counts, Import, Outcome},
    },
    store::rejection,
    wire,
};

/// As many rows as one request takes.
const MOST_ROWS: usize = 500;

pub(super) async fn handle(api: &Api, request: &Request<v1::AddImportRowsRequest>) -> Result<v1::Import, Status> {
    let principal = principal(request)?;
    let request = request.get_ref();
    let mut check = Violations::new();
    let id = check.id::<ImportId>("import_id", &request.import_id);
    check.require(request.first_row >= 0, "first_row", "must not be negative");
    check.require((1..=MOST_ROWS).contains(&request.rows.len()), "rows", "must have 1 to 500 items");
    let id = check.finish(id)?;
    let import = api.own_import(id, &principal).await?;

    // There is no key that could be used for something else, so other rows have another name and hear which row is the next.
    let content = Uuid::new_v5(&id.uuid(), &request.encode_to_vec());
    let name = format!("{id} {} {content}", request.first_row);
    let cause = Cause::request(principal.organisation, "AddImportRows", &name, request);
    let (first, now) = (request.first_row, api.now());
    let claimed = api
        .store
        .execute::<(), Refusal, _>(Cause::told_by_rows(), Keys::new().one::<Import>(id), move |work| {
            let import = work.change::<Import>(id).ok_or(Refusal::Unknown("import"))?;
            Ok(import.claim(first, content, now)?)
        });
    if let Err(refused) = claimed.await {
        // Rows that are counted already are not listed again: a repeated request gets its recorded answer.
        let known = api.store.recorded::<v1::Import>(cause).await?;
        return known.ok_or_else(|| refused.into());
    }
    let (counts, rejected) = take_in(api, &principal, &import, request).await?;
    let now = api.now();
    let counted = api
        .store
        .execute::<v1::Import, Refusal, _>(cause, Keys::new().one::<Import>(id), move |work| {
            let import = work.change::<Import>(id).ok_or(Refusal::Unknown("import"))?;
            import.take(first, content, counts, now)?;
            let answer = wire::import::to_proto(import);
            for row in &rejected {
                work.append(rejection::to_row(id, row));
            }
            Ok(answer)
        });
    Ok(counted.await?)
}

/// Takes in every row that can be, and says why the others cannot.
async fn take_in(
    api: &Api,
    principal: &Principal,
    import: &Import,
    request: &v1::AddImportRowsRequest,
) -> Result<(Counts, Vec<v1::RejectedRow>), Status> {
    let rows: Vec<_> = request.rows.iter().map(|row| row::product(import, row)).collect();
    let (mut rows, mut first) = (rows.as_slice(), request.first_row);
    let mut counts = Counts::default();
    let mut rejected = Vec::new();
    while !rows.is_empty() {
        let (at_once, later) = rows.split_at(apart(rows));
        let outcomes = at_once.iter().zip(first..).map(|(row, number)| async move {
            match row::take_in(api, principal, import, number, row).await {
                Ok(outcome) => Ok((outcome, None)),
                Err(status) if is_the_rows_fault(&status) => Ok((Outcome::Rejected, Some(wire::import::rejected(number, &status)))),
                Err(status) => Err(status),
            }
        });
        for outcome in join_all(outcomes).await {
            let (outcome, why) = outcome?;
            counts.add(outcome);
            rejected.extend(why);
            first += 1;
        }
        rows = later;
    }
    Ok((counts, rejected))
}

/// How many of the first rows have no article number in common. They may be on
/// their way at once and share commits; the next one has to wait for them.
fn apart(rows: &[v1::CreateProductRequest]) -> usize {
    let mut before = HashSet::new();
    for (place, row) in rows.iter().enumerate() {
        let skus = row.variants.iter().map(|variant| variant.sku.as_str());
        if skus.clone().any(|sku| before.contains(sku)) {
            return place;
        }
        before.extend(skus);
    }
    rows.len()
}

/// Whether another try would end the same way.
fn is_the_rows_fault(status: &Status) -> bool {
    matches!(
        status.code(),
        Code::InvalidArgument | Code::AlreadyExists | Code::FailedPrecondition
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_rows_without_a_common_article_number_are_taken_in_at_once() {
        let row = |skus: &[&str]| v1::CreateProductRequest {
            variants: skus
                .iter()
                .map(|sku| v1::Variant {
                    sku: (*sku).to_owned(),
                    ..v1::Variant::default()
                })
                .collect(),
            ..v1::CreateProductRequest::default()
        };
        let rows = [row(&["a", "b"]), row(&["c", "c"]), row(&[]), row(&["d", "b"]), row(&["e"])];
        assert_eq!(apart(&rows), 3);
        assert_eq!(apart(&rows[3..]), 2);
        assert_eq!(apart(&rows[..1]), 1);
    }
}
