//! A quotation that one side ends: what declining and withdrawing have in common.

use kernel::{OrganisationId, QuotationId};
use proto::order::v1::Quotation as QuotationMessage;
use runtime::{Problem, Violations};
use store::{Cause, Keys};

use super::{Api, present};
use crate::{
    domain::{Party, Quotation, QuotationEvent, Refusal},
    store::facts,
    trade::QUOTATION_EXPIRY,
};

/// Which quotation is meant, as a request says it.
pub(super) struct Meant<'a> {
    pub(super) quotation_id: &'a str,
    pub(super) etag: &'a str,
}

/// Ends a quotation of the organisation's.
pub(super) async fn end(
    api: &Api,
    organisation: OrganisationId,
    cause: Cause,
    meant: Meant<'_>,
    end: fn(&mut Quotation, Party) -> Result<QuotationEvent, Refusal>,
) -> Result<QuotationMessage, Problem> {
    let mut check = Violations::new();
    let id = check.id::<QuotationId>("quotation_id", meant.quotation_id);
    let etag = check.etag("etag", meant.etag);
    let id = check.finish(id)?;
    let ended = api
        .store
        .execute::<QuotationMessage, Refusal, _>(cause, Keys::new().one::<Quotation>(id), move |work| {
            let stored = work.get::<Quotation>(id);
            let party = stored.and_then(|quotation| quotation.party(organisation));
            let (stored, party) = stored.zip(party).ok_or(Refusal::NoSuchQuotation { field: None })?;
            stored.must_be_at(etag)?;
            let quotation = work.change::<Quotation>(id).ok_or(Refusal::NoSuchQuotation { field: None })?;
            let event = end(quotation, party)?;
            let fact = facts::quotation(quotation, event);
            work.emit(fact);
            work.unschedule(QUOTATION_EXPIRY, id);
            let quotation = work.after::<Quotation>(id).ok_or(Refusal::NoSuchQuotation { field: None })?;
            Ok(present::quotation(&quotation))
        });
    Ok(ended.await?)
}
