//! The acting organisation's basket, priced now.

use std::hash::{DefaultHasher, Hasher};

use kernel::{Currency, Money, OrganisationId};
use prost::Message;
use proto::order::v1::{Cart as CartMessage, CartLine as CartLineMessage, GetCartRequest, LineRefusal};
use runtime::{Problem, auth::principal, money};
use store::Stored;
use tonic::{Request, Status};

use super::{
    Api, present,
    pricing::{Priced, Refused, amount, by_tiers, price},
};
use crate::domain::{COSTS_NOTHING, COSTS_TOO_MUCH, Cart};

pub(super) async fn handle(api: &Api, request: &Request<GetCartRequest>) -> Result<CartMessage, Status> {
    let principal = principal(request)?;
    Ok(priced(api, principal.organisation).await?)
}

/// A cart with what catalog says of its lines today. A line that cannot be sold stays, and says why.
pub(super) async fn priced(api: &Api, owner: OrganisationId) -> Result<CartMessage, Problem> {
    let cart = api.store.get::<Cart>(owner).await?;
    let cart = cart.unwrap_or_else(|| Stored::new(0, Cart::empty(owner)));
    let lines = cart.lines.iter().map(|line| by_tiers(line.variant, line.quantity)).collect();
    let mut totals: Vec<(Currency, Option<Money>)> = Vec::new();
    let mut lines_out = Vec::with_capacity(cart.lines.len());
    for (line, priced) in cart.lines.iter().zip(price(api, lines).await?) {
        let Priced { line: priced, mut refused } = priced;
        if refused.is_none() {
            let net = amount(priced.net.as_ref())?;
            let unpayable = if net.is_zero() {
                Some((LineRefusal::AmountTooSmall, COSTS_NOTHING))
            } else if net.is_payable() {
                None
            } else {
                Some((LineRefusal::AmountTooLarge, COSTS_TOO_MUCH))
            };
            match unpayable {
                None => add(&mut totals, net),
                Some((why, detail)) => {
                    refused = Some(Refused {
                        why,
                        detail: detail.to_owned(),
                    });
                }
            }
        }
        lines_out.push(CartLineMessage {
            variant_id: line.variant.to_string(),
            quantity: line.quantity,
            title: priced.title,
            seller_id: priced.seller_id,
            net: priced.net.filter(|_| refused.is_none()),
            refusal: refused.as_ref().map(|refused| refused.why.into()),
            refusal_detail: refused.map(|refused| refused.detail).unwrap_or_default(),
        });
    }
    let mut message = CartMessage {
        lines: lines_out,
        totals: totals.into_iter().filter_map(|(_, total)| total).map(money).collect(),
        etag: String::new(),
    };
    message.etag = present::etag(&cart, digest(&message));
    Ok(message)
}

/// Changes when what the catalog says does. Every process of a release digests alike.
fn digest(message: &CartMessage) -> String {
    let mut hasher = DefaultHasher::new();
    hasher.write(&message.encode_to_vec());
    format!("{:016x}", hasher.finish())
}

/// A cart may hold more than can be paid; it shows all the same, without a total in that currency.
fn add(totals: &mut Vec<(Currency, Option<Money>)>, net: Money) {
    match totals.iter_mut().find(|(currency, _)| *currency == net.currency()) {
        Some((_, total)) => {
            *total = total
                .and_then(|total| total.checked_add(net).ok())
                .filter(|total| total.is_payable())
        }
        None => totals.push((net.currency(), Some(net))),
    }
}
