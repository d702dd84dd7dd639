//! Asking catalog what goods are and cost.

use std::str::FromStr;

use kernel::{InvalidId, Money};
use proto::{
    catalog::v1::{LineRefusal as Said, LineToPrice, PriceLinesRequest, PricedLine},
    order::v1::LineRefusal,
};
use runtime::{
    Problem,
    peer::{NoAnswer, ask},
    read_money,
};

use super::Api;
use crate::domain::{Offer, QuotedLine, part_of};

/// A line as catalog knows it.
pub(super) struct Priced {
    pub(super) line: PricedLine,
    /// Why it cannot be sold; nothing if it can.
    pub(super) refused: Option<Refused>,
}

/// Why a line cannot be sold, for programs and for people.
pub(super) struct Refused {
    pub(super) why: LineRefusal,
    pub(super) detail: String,
}

/// Prices lines, in their order. Refused ones are among them.
pub(super) async fn price(api: &Api, lines: Vec<LineToPrice>) -> Result<Vec<Priced>, Problem> {
    if lines.is_empty() {
        return Ok(Vec::new());
    }
    let (mut client, count) = (api.peers.catalog.clone(), lines.len());
    match ask(api.terms.step_timeout, client.price_lines(PriceLinesRequest { lines })).await {
        Ok(response) if response.lines.len() == count => Ok(response.lines.into_iter().map(Priced::from).collect()),
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
pub(super) fn must_be_sold(lines: &[Priced], fields: impl IntoIterator<Item = String>) -> Result<(), Problem> {
    let mut problem: Option<Problem> = None;
    for (line, field) in lines.iter().zip(fields) {
        let Some(Refused { why, detail }) = &line.refused else {
            continue;
        };
        let field = part_of(&field, part(*why));
        let first = problem.unwrap_or_else(|| {
            let text = format!("{field}: {detail}");
            Problem::failed_precondition("NOT_FOR_SALE", text).with("refusal", why.as_str_name())
        });
        problem = Some(first.violating(field, detail.clone()));
    }
    problem.map_or(Ok(()), Err)
}

/// Which part of a line a refusal is about.
const fn part(why: LineRefusal) -> &'static str {
    match why {
        LineRefusal::QuantityBelowMinimum
        | LineRefusal::QuantityNotAMultiple
        | LineRefusal::AmountTooSmall
        | LineRefusal::AmountTooLarge => "quantity",
        LineRefusal::UnknownVariant | LineRefusal::ProductNotPublished | LineRefusal::NotYours | LineRefusal::Unspecified => "variant_id",
    }
}

impl From<PricedLine> for Priced {
    /// A reason that a newer catalog knows and we do not is a refusal all the same.
    fn from(mut line: PricedLine) -> Self {
        let detail = std::mem::take(&mut line.refusal_detail);
        let refused = line.refusal.map(|_| Refused {
            why: match line.refusal() {
                Said::UnknownVariant => LineRefusal::UnknownVariant,
                Said::ProductNotPublished => LineRefusal::ProductNotPublished,
                Said::QuantityBelowMinimum => LineRefusal::QuantityBelowMinimum,
                Said::QuantityNotAMultiple => LineRefusal::QuantityNotAMultiple,
                Said::AmountTooSmall => LineRefusal::AmountTooSmall,
                Said::AmountTooLarge => LineRefusal::AmountTooLarge,
                Said::Unspecified => LineRefusal::Unspecified,
            },
            detail,
        });
        Self { line, refused }
    }
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

#[cfg(test)]
mod tests {
    use tonic::Status;
    use tonic_types::StatusExt;

    use super::*;

    fn refused(refusal: i32) -> Priced {
        Priced::from(PricedLine {
            refusal: Some(refusal),
            refusal_detail: "is not what you want".to_owned(),
            ..PricedLine::default()
        })
    }

    #[test]
    fn clients_hear_every_refusal_of_the_catalog_under_its_own_name() {
        let known: Vec<Said> = (0..).map_while(|number| Said::try_from(number).ok()).collect();
        assert_eq!(known.len(), 7);
        for said in known {
            assert_eq!(refused(said.into()).refused.unwrap().why.as_str_name(), said.as_str_name());
        }
        assert!(Priced::from(PricedLine::default()).refused.is_none());
    }

    #[test]
    fn a_line_is_not_sold_for_a_reason_that_only_a_newer_catalog_knows() {
        let lines = [refused(1_000), refused(Said::QuantityBelowMinimum.into())];
        let fields = ["lines[0]", "lines[1]"].map(str::to_owned);
        let status = Status::from(must_be_sold(&lines, fields).unwrap_err());
        assert_eq!(
            status.get_details_error_info().unwrap().metadata["refusal"],
            "LINE_REFUSAL_UNSPECIFIED"
        );
        let violations = status.get_details_bad_request().unwrap().field_violations;
        let fields: Vec<_> = violations.iter().map(|violation| violation.field.as_str()).collect();
        assert_eq!(fields, ["lines[0].variant_id", "lines[1].quantity"]);
    }
}
