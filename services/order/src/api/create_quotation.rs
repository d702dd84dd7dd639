//! A seller makes a price for one buyer, for goods of its own stores.

use std::collections::HashMap;

use kernel::{Money, MoneyError, OrganisationId, QuotationId, Time, VariantId};
use proto::order::v1::{CreateQuotationRequest, LineRefusal, Quotation as QuotationMessage, QuotationLine};
use runtime::{Problem, Violations, auth::principal};
use store::{Cause, Keys, Stored, Timer};
use tonic::{Request, Status};

use super::{
    Api, present,
    pricing::{Refused, by_quotation, must_be_sold, price},
};
use crate::{
    domain::{COSTS_NOTHING, COSTS_TOO_MUCH, MOST_LINES, Quotation, QuotationEvent, QuotationState, QuotedLine, Refusal},
    store::facts,
    trade::QUOTATION_EXPIRY,
};

/// The longest that a quotation may be open.
const LONGEST: std::time::Duration = std::time::Duration::from_secs(90 * 24 * 3_600);

pub(super) async fn handle(api: &Api, request: &Request<CreateQuotationRequest>) -> Result<QuotationMessage, Status> {
    let principal = principal(request)?;
    let request = request.get_ref();
    let seller = principal.organisation;
    let cause = Cause::request(seller, "CreateQuotation", &request.request_id, request);
    let quotation = match possible(api, request, seller).await {
        Ok(quotation) => quotation,
        Err(problem) => return Ok(api.store.recorded(cause).await?.ok_or(problem)?),
    };
    let keys = Keys::new().one::<Quotation>(quotation.id);
    let created = api.store.execute::<QuotationMessage, Refusal, _>(cause, keys, move |work| {
        work.insert(quotation.clone());
        work.emit(facts::quotation(&quotation, QuotationEvent::Created));
        work.schedule(Timer::new(QUOTATION_EXPIRY, quotation.id, quotation.expires));
        Ok(present::quotation(&Stored::first(quotation.clone())))
    });
    Ok(created.await?)
}

fn read(request: &CreateQuotationRequest, seller: OrganisationId, now: Time, shortest: std::time::Duration) -> Result<Quotation, Problem> {
    let mut check = Violations::new();
    let buyer = check.id::<OrganisationId>("buyer_id", &request.buyer_id);
    check.require(buyer != Some(seller), "buyer_id", "must be another organisation than your own");
    check.require(
        (1..=MOST_LINES).contains(&request.lines.len()),
        "lines",
        &format!("must have one to {MOST_LINES} lines"),
    );
    let freight = check.money_or_nothing("freight", request.freight.as_ref());
    let payable = freight.is_none_or(Money::is_payable);
    check.require(payable, "freight.minor_units", "is more than can be paid");
    let mut seen = HashMap::new();
    let lines: Vec<Option<QuotedLine>> = request
        .lines
        .iter()
        .take(MOST_LINES)
        .enumerate()
        .map(|(place, message)| line(&mut check, &mut seen, place, message, freight))
        .collect();
    let bounds = now.plus(shortest)..=now.plus(LONGEST);
    let expires = check.time_within("expire_time", request.expire_time.as_ref(), bounds);
    let note = check.text("note", &request.note, 0..=2_000);
    let lines: Option<Vec<QuotedLine>> = lines.into_iter().collect();
    let total = freight.filter(|_| payable).zip(lines.as_ref());
    let total = total.and_then(|(freight, lines)| total_of(&mut check, freight, lines));
    let (buyer, lines, freight, total, expires) = check.finish((buyer, lines, freight, total, expires))?;
    Ok(Quotation {
        id: QuotationId::at(now),
        seller,
        buyer,
        lines,
        freight,
        total,
        expires,
        note,
        created: now,
        state: QuotationState::Open,
    })
}

/// Lines and freight together. The line that takes the sum beyond what can be paid is
/// named. A line in another currency than the freight was named before.
fn total_of(check: &mut Violations, freight: Money, lines: &[QuotedLine]) -> Option<Money> {
    let mut total = freight;
    for (place, line) in lines.iter().enumerate() {
        total = match total.checked_add(line.net) {
            Ok(more) if more.is_payable() => more,
            Err(MoneyError::Currencies(..)) => return None,
            Ok(_) | Err(MoneyError::Overflow | MoneyError::Zero) => {
                let text = format!("{COSTS_TOO_MUCH}, together with the freight and the lines before it");
                check.add(format!("lines[{place}]"), text);
                return None;
            }
        };
    }
    Some(total)
}

fn line(
    check: &mut Violations,
    seen: &mut HashMap<VariantId, usize>,
    place: usize,
    message: &QuotationLine,
    freight: Option<Money>,
) -> Option<QuotedLine> {
    let field = |name: &str| format!("lines[{place}].{name}");
    let variant = check.id::<VariantId>(&field("variant_id"), &message.variant_id);
    let quantity = check.quantity(&field("quantity"), message.quantity);
    let price = check.positive_money(&field("price"), message.price.as_ref());
    check.require(
        message.unit_quantity >= 0,
        &field("unit_quantity"),
        "must be at least 1, or 0 which means 1",
    );
    let unit_quantity = message.unit_quantity.max(1);
    let variant = variant?;
    // What a price below nothing comes to is nobody's fault besides.
    let price = price.filter(|price| !price.is_negative())?;
    if let Some(first) = seen.insert(variant, place) {
        check.add(field("variant_id"), format!("is in lines[{first}] already"));
    }
    let differs = freight.is_some_and(|freight| freight.currency() != price.currency());
    check.require(!differs, &field("price.currency"), "must be the freight's currency");
    let net = price
        .for_quantity(quantity, unit_quantity.unsigned_abs())
        .ok()
        .filter(|net| net.is_payable());
    check.require(net.is_some(), &field("quantity"), COSTS_TOO_MUCH);
    let net = net?;
    let rounded_away = net.is_zero() && !price.is_zero() && quantity > 0;
    check.require(!rounded_away, &field("quantity"), COSTS_NOTHING);
    Some(QuotedLine {
        variant,
        quantity: message.quantity,
        price,
        unit_quantity,
        net,
    })
}

/// What the request asks for, if it can be had now. Others know whether there is such a buyer, and whether the goods are the seller's.
async fn possible(api: &Api, request: &CreateQuotationRequest, seller: OrganisationId) -> Result<Quotation, Problem> {
    let quotation = read(request, seller, api.now(), api.terms.quotation_shortest)?;
    api.peers.organisations.must_exist("buyer_id", quotation.buyer).await?;
    must_be_ours(api, &quotation).await?;
    Ok(quotation)
}

/// Catalog knows whose goods they are. Somebody else's are as good as none.
async fn must_be_ours(api: &Api, quotation: &Quotation) -> Result<(), Problem> {
    let fields = || (0..quotation.lines.len()).map(|place| format!("lines[{place}]"));
    let mut priced = price(api, quotation.lines.iter().map(by_quotation).collect()).await?;
    let seller = quotation.seller.to_string();
    for priced in &mut priced {
        if priced.refused.is_none() && priced.line.seller_id != seller {
            priced.refused = Some(Refused {
                why: LineRefusal::NotYours,
                detail: "is not in a store of yours".to_owned(),
            });
        }
    }
    must_be_sold(&priced, fields())
}
