//! Reading what the caller may know of. Somebody else's thing is as good as none.

use kernel::{OrderId, OrganisationId, QuotationId};
use runtime::Problem;
use store::Stored;

use super::Api;
use crate::domain::{Order, Party, Quotation};

/// An order and the side that the organisation is on.
pub(super) async fn order(api: &Api, organisation: OrganisationId, id: OrderId) -> Result<(Stored<Order>, Party), Problem> {
    let order = api.store.get::<Order>(id).await?;
    order
        .and_then(|order| order.party(organisation).map(|party| (order, party)))
        .ok_or_else(|| Problem::not_found("order"))
}

/// A quotation that the organisation gave or received.
pub(super) async fn quotation(api: &Api, organisation: OrganisationId, id: QuotationId) -> Result<Stored<Quotation>, Problem> {
    let quotation = api.store.get::<Quotation>(id).await?;
    quotation
        .filter(|quotation| quotation.party(organisation).is_some())
        .ok_or_else(|| Problem::not_found("quotation"))
}
