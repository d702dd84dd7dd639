//! What a client asks for, checked, and what it comes to: lines of its own, the cart's, and those of quotations.

use std::collections::HashMap;

use kernel::{Money, OrganisationId, QuotationId, VariantId};
use proto::{
    catalog::v1::LineToPrice,
    order::v1::{CheckoutLine, CreateCheckoutRequest},
    postal::v1::Address as AddressMessage,
};
use runtime::{Problem, Violations};

use crate::{
    api::{
        Api,
        pricing::{by_quotation, by_tiers},
    },
    domain::{Address, Cart, CartLine, MOST_LINES, Quotation, QuotationState, QuotedLine, Refusal, SHORTEST_WINDOW, Windows},
};

/// How many quotations a checkout may take.
const MOST_QUOTATIONS: usize = 20;

/// A request that makes sense.
pub(super) struct CheckoutRequest {
    lines: Vec<CartLine>,
    quotations: Vec<QuotationId>,
    pub(super) ship_to: Address,
    pub(super) windows: Windows,
}

/// What is to be priced and ordered.
pub(super) struct Wanted {
    pub(super) lines: Vec<WantedLine>,
    pub(super) quotations: Vec<QuotationId>,
    /// What comes from the cart, and leaves it with the first write.
    pub(super) cart: Vec<CartLine>,
}

/// One line, and what the client called it.
pub(super) struct WantedLine {
    pub(super) field: String,
    pub(super) variant: VariantId,
    pub(super) quantity: i64,
    /// The quotation that sets its price.
    pub(super) quoted: Option<Quoted>,
}

/// A line of a quotation, and what it shares with the others.
pub(super) struct Quoted {
    pub(super) quotation: QuotationId,
    pub(super) seller: OrganisationId,
    pub(super) freight: Money,
    pub(super) line: QuotedLine,
}

impl WantedLine {
    pub(super) fn to_price(&self) -> LineToPrice {
        match &self.quoted {
            None => by_tiers(self.variant, self.quantity),
            Some(quoted) => by_quotation(&quoted.line),
        }
    }
}

impl CheckoutRequest {
    /// Looks at every field. No window may be longer than the platform's `usual` one. A variant that comes up twice is refused and not
    /// merged, because the sum could fall into another price tier.
    pub(super) fn read(request: &CreateCheckoutRequest, usual: Windows) -> Result<Self, Problem> {
        let mut check = Violations::new();
        check.require(request.lines.len() <= MOST_LINES, "lines", &format!("must be at most {MOST_LINES}"));
        check.require(
            request.quotation_ids.len() <= MOST_QUOTATIONS,
            "quotation_ids",
            &format!("must be at most {MOST_QUOTATIONS}"),
        );
        let mut seen = HashMap::new();
        let lines = request.lines.iter().take(MOST_LINES).enumerate();
        let lines: Vec<_> = lines
            .filter_map(|(place, message)| line(&mut check, &mut seen, place, message))
            .collect();
        let mut quotations: Vec<QuotationId> = Vec::new();
        for (place, id) in request.quotation_ids.iter().take(MOST_QUOTATIONS).enumerate() {
            let field = format!("quotation_ids[{place}]");
            let Some(id) = check.id(&field, id) else { continue };
            if quotations.contains(&id) {
                check.add(field, "comes up twice");
            }
            quotations.push(id);
        }
        let ship_to = check.address("ship_to", request.ship_to.as_ref());
        let mut window = |field: &str, chosen, usual| check.duration(field, chosen, SHORTEST_WINDOW..=usual).unwrap_or(usual);
        let windows = Windows {
            payment: window("payment_window", request.payment_window.as_ref(), usual.payment),
            inspection: window("inspection_window", request.inspection_window.as_ref(), usual.inspection),
            shipped: usual.shipped,
        };
        let ship_to = check.finish(ship_to)?;
        Ok(Self {
            lines,
            quotations,
            ship_to: address(&ship_to),
            windows,
        })
    }

    /// Reads the cart if the request names nothing, and the quotations that it names.
    pub(super) async fn wanted(self, api: &Api, buyer: OrganisationId) -> Result<Wanted, Problem> {
        let from_cart = self.lines.is_empty() && self.quotations.is_empty();
        let cart = if from_cart { cart(api, buyer).await? } else { Vec::new() };
        let (named, prefix) = if from_cart {
            (cart.clone(), "cart.lines")
        } else {
            (self.lines, "lines")
        };
        let mut lines: Vec<WantedLine> = named
            .into_iter()
            .enumerate()
            .map(|(place, line)| WantedLine {
                field: format!("{prefix}[{place}]"),
                variant: line.variant,
                quantity: line.quantity,
                quoted: None,
            })
            .collect();
        if !self.quotations.is_empty() {
            lines.extend(quoted(api, buyer, &self.quotations).await?);
        }
        if lines.len() > MOST_LINES {
            let text = format!("have more than {MOST_LINES} lines, the others included");
            return Err(Problem::invalid_field("quotation_ids", text));
        }
        Ok(Wanted {
            lines,
            quotations: self.quotations,
            cart,
        })
    }
}

fn line(check: &mut Violations, seen: &mut HashMap<VariantId, usize>, place: usize, message: &CheckoutLine) -> Option<CartLine> {
    let field = |name: &str| format!("lines[{place}].{name}");
    let variant = check.id::<VariantId>(&field("variant_id"), &message.variant_id);
    check.quantity(&field("quantity"), message.quantity);
    let variant = variant?;
    if let Some(first) = seen.insert(variant, place) {
        check.add(field("variant_id"), format!("is in lines[{first}] already"));
    }
    Some(CartLine {
        variant,
        quantity: message.quantity,
    })
}

/// An address that was checked, without the spaces around its parts.
fn address(message: &AddressMessage) -> Address {
    let trimmed = |text: &str| text.trim().to_owned();
    Address {
        recipient: trimmed(&message.recipient),
        lines: message.lines.iter().map(|line| trimmed(line)).collect(),
        city: trimmed(&message.city),
        region: trimmed(&message.region),
        postal_code: trimmed(&message.postal_code),
        country: message.country.clone(),
        phone: trimmed(&message.phone),
    }
}

async fn cart(api: &Api, buyer: OrganisationId) -> Result<Vec<CartLine>, Problem> {
    let cart = api.store.get::<Cart>(buyer).await?;
    cart.map(|cart| cart.into_inner().lines)
        .filter(|lines| !lines.is_empty())
        .ok_or_else(|| Refusal::EmptyCart.into())
}

/// The lines of quotations, each of which the buyer has received and may still use. Whether it can be taken is decided by the write.
async fn quoted(api: &Api, buyer: OrganisationId, ids: &[QuotationId]) -> Result<Vec<WantedLine>, Problem> {
    let found = api.store.get_all::<Quotation>(ids.iter().copied()).await?;
    let mut lines = Vec::new();
    for (place, id) in ids.iter().enumerate() {
        let field = format!("quotation_ids[{place}]");
        let quotation = found.iter().find(|quotation| quotation.id == *id && quotation.buyer == buyer);
        let quotation = quotation.ok_or_else(|| Refusal::NoSuchQuotation {
            field: Some(field.clone()),
        })?;
        if quotation.state != QuotationState::Open {
            return Err(Refusal::IllegalQuotation {
                from: quotation.state.name(),
                attempt: "used",
                field: Some(field),
            }
            .into());
        }
        lines.extend(quotation.lines.iter().map(|line| WantedLine {
            field: field.clone(),
            variant: line.variant,
            quantity: line.quantity,
            quoted: Some(Quoted {
                quotation: *id,
                seller: quotation.seller,
                freight: quotation.freight,
                line: line.clone(),
            }),
        }));
    }
    Ok(lines)
}
