//! Asking catalog what goods are and cost.

use std::str::FromStr;

use kernel::{InvalidId, Money};
use proto::catalog::v1::{LineToPrice, PriceLinesRequest, PricedLine};
use runtime::{
    Problem,
    peer::{NoAnswer, ask},
    read_money,
};

use super::Api;
use crate::domain::{Offer, QuotedLine, part_of};

/// Prices lines, in their order. Refused ones are among them.
pub(super) async fn price(api: &Api, lines: Vec<LineToPrice>) -> Result<Vec<PricedLine>, Problem> {
    if lines.is_empty() {
        return Ok(Vec::new());
    }
    let (mut client, count) = (api.peers.catalog.clone(), lines.len());
    match ask(api.terms.step_timeout, client.price_lines(PriceLinesRequest { lines })).await {
        Ok(response) if response.lines.len() == count => Ok(response.lines),
        Ok(response) => Err(Problem::internal(format!(
            "catalog priced {} of {count} lines",
            response.lines.len()
        ))),
        Err(NoAnswer::Refused(status)) => Err(Problem::internal(format!("catalog refused to price: {status}"))),
        Err(none @ NoAnswer::Unknown(_)) => Err(none.unavailable("goods cannot be priced now")),
    }
}

/// A line to be priced by its variant's tiers.
pub(super) fn by_tiers(variant: impl ToString, quantity: i64) -> LineToPrice {
    LineToPrice {
        variant_id: variant.to_string(),
        quantity,
        quoted: false,
    }
}

/// A line whose price a quotation sets.
pub(super) fn by_quotation(line: &QuotedLine) -> LineToPrice {
    LineToPrice {
        variant_id: line.variant.to_string(),
        quantity: line.quantity,
        quoted: true,
    }
}

/// All lines that cannot be sold, in one problem. `fields` tells what the client called them.
pub(super) fn must_be_sold(lines: &[PricedLine], fields: impl IntoIterator<Item = String>) -> Result<(), Problem> {
    let mut problem: Option<Problem> = None;
    for (line, field) in lines.iter().zip(fields) {
        if line.refusal.is_empty() {
            continue;
        }
        let part = if line.refusal.contains("QUANTITY") || line.refusal.contains("AMOUNT") {
            "quantity"
        } else {
            "variant_id"
        };
        let field = part_of(&field, part);
        let first = problem.unwrap_or_else(|| {
            let detail = format!("{field}: {}", line.refusal_detail);
            Problem::failed_precondition("NOT_FOR_SALE", detail).with("refusal", &line.refusal)
        });
        problem = Some(first.violating(field, line.refusal_detail.clone()));
    }
    problem.map_or(Ok(()), Err)
}

/// An offer at catalog's price.
pub(super) fn offer(line: PricedLine, field: String) -> Result<Offer, Problem> {
    let (price, net) = (amount(line.price.as_ref())?, amount(line.net.as_ref())?);
    let unit_quantity = line.unit_quantity.max(1);
    described(line, field, price, unit_quantity, net)
}

/// An offer at a quotation's price: catalog says only what the goods are.
pub(super) fn quoted(line: PricedLine, field: String, quotation: &QuotedLine) -> Result<Offer, Problem> {
    described(line, field, quotation.price, quotation.unit_quantity, quotation.net)
}

fn described(line: PricedLine, field: String, price: Money, unit_quantity: i64, net: Money) -> Result<Offer, Problem> {
    let tax_basis_points = u32::try_from(line.tax_basis_points).map_err(|_| Problem::internal("catalog names a negative tax"))?;
    Ok(Offer {
        field,
        seller: id(&line.seller_id)?,
        variant: id(&line.variant_id)?,
        product: id(&line.product_id)?,
        store: id(&line.store_id)?,
        title: line.title,
        sku: line.sku,
        quantity: line.quantity,
        price,
        unit_quantity,
        net,
        tax_basis_points,
        weight_mg: line.weight_mg,
        quoted: None,
    })
}

/// An amount that catalog must name.
pub(super) fn amount(message: Option<&proto::money::v1::Money>) -> Result<Money, Problem> {
    read_money(message).map_err(|error| Problem::internal(format!("catalog prices a line: {error}")))
}

fn id<I: FromStr<Err = InvalidId>>(text: &str) -> Result<I, Problem> {
    text.parse().map_err(|error: InvalidId| Problem::internal(error))
}
