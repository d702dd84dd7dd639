//! A checkout, for its buyer.

use kernel::{CheckoutId, OrganisationId};
use proto::order::v1::{Checkout as CheckoutMessage, GetCheckoutRequest};
use runtime::{Problem, auth::principal, parse_id};
use store::Stored;
use tonic::{Request, Status};

use super::{Api, present};
use crate::domain::{Checkout, Order, Progress};

pub(super) async fn handle(api: &Api, request: &Request<GetCheckoutRequest>) -> Result<CheckoutMessage, Status> {
    let principal = principal(request)?;
    let id = parse_id::<CheckoutId>("checkout_id", &request.get_ref().checkout_id)?;
    let checkout = find(api, principal.organisation, id).await?;
    Ok(with_orders(api, &checkout).await?)
}

pub(super) async fn find(api: &Api, buyer: OrganisationId, id: CheckoutId) -> Result<Stored<Checkout>, Problem> {
    let checkout = api.store.get::<Checkout>(id).await?;
    checkout
        .filter(|checkout| checkout.buyer == buyer)
        .ok_or_else(|| Problem::not_found("checkout"))
}

/// A checkout as it now stands.
pub(super) async fn with_orders(api: &Api, checkout: &Stored<Checkout>) -> Result<CheckoutMessage, Problem> {
    let ids = match &checkout.progress {
        Progress::Open { orders } => orders.clone(),
        Progress::Pending { .. } | Progress::Failed(_) => Vec::new(),
    };
    let mut orders = api.store.get_all::<Order>(ids.iter().copied()).await?;
    orders.sort_by_key(|order| ids.iter().position(|id| *id == order.id));
    Ok(present::checkout(checkout, &orders))
}
