//! The acting organisation's basket, priced now.

use kernel::{Money, OrganisationId};
use proto::order::v1::{Cart as CartMessage, CartLine as CartLineMessage, GetCartRequest};
use runtime::{Problem, auth::principal, money};
use store::Stored;
use tonic::{Request, Status};

use super::{
    Api,
    pricing::{amount, by_tiers, price},
};
use crate::domain::Cart;

pub(super) async fn handle(api: &Api, request: &Request<GetCartRequest>) -> Result<CartMessage, Status> {
    let principal = principal(request)?;
    Ok(priced(api, principal.organisation).await?)
}

/// A cart with what catalog says of its lines today. A line that cannot be sold stays, and says why.
pub(super) async fn priced(api: &Api, owner: OrganisationId) -> Result<CartMessage, Problem> {
    let cart = api.store.get::<Cart>(owner).await?;
    let cart = cart.unwrap_or_else(|| Stored::new(0, Cart::empty(owner)));
    let lines = cart.lines.iter().map(|line| by_tiers(line.variant, line.quantity)).collect();
    let mut totals: Vec<Money> = Vec::new();
    let mut lines_out = Vec::with_capacity(cart.lines.len());
    for (line, priced) in cart.lines.iter().zip(price(api, lines).await?) {
        if priced.refusal.is_empty() {
            add(&mut totals, amount(priced.net.as_ref())?)?;
        }
        lines_out.push(CartLineMessage {
            variant_id: line.variant.to_string(),
            quantity: line.quantity,
            title: priced.title,
            seller_id: priced.seller_id,
            net: priced.net.filter(|_| priced.refusal.is_empty()),
            refusal: priced.refusal,
            refusal_detail: priced.refusal_detail,
        });
    }
    Ok(CartMessage {
        lines: lines_out,
        totals: totals.into_iter().map(money).collect(),
        etag: cart.etag(),
    })
}

fn add(totals: &mut Vec<Money>, net: Money) -> Result<(), Problem> {
    match totals.iter_mut().find(|total| total.currency() == net.currency()) {
        Some(total) => {
            *total = total
                .checked_add(net)
                .map_err(|_| Problem::failed_precondition("AMOUNT_TOO_LARGE", "the cart costs more than can be paid"))?;
        }
        None => totals.push(net),
    }
    Ok(())
}
