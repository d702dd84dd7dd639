//! From priced goods to drafts of orders: one for each seller, and one for each quotation, in one currency.

use kernel::{Currency, Money, MoneyError, OrderId, OrganisationId, ProductId, QuotationId, StoreId, VariantId};

use super::{Draft, DraftLine, Line, draft::part_of, line::Charges};

/// How many orders a checkout may place.
const MOST_ORDERS: usize = 100;

/// Why so few pieces of a line cannot be sold that their price is rounded to nothing.
pub(crate) const COSTS_NOTHING: &str = "is too little: the price of so few pieces is rounded to nothing";

/// Why a line cannot be paid.
pub(crate) const COSTS_TOO_MUCH: &str = "costs more than can be paid";

/// A line as catalog, or catalog and a quotation, price it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Offer {
    /// What the client called it, such as `lines[1]`.
    pub(crate) field: String,
    /// Who sells it.
    pub(crate) seller: OrganisationId,
    /// What is sold.
    pub(crate) variant: VariantId,
    /// The product that it is a variant of.
    pub(crate) product: ProductId,
    /// The store that sells it.
    pub(crate) store: StoreId,
    /// The product's title.
    pub(crate) title: String,
    /// The seller's article number.
    pub(crate) sku: String,
    /// Pieces; at least one.
    pub(crate) quantity: i64,
    /// What `unit_quantity` pieces cost.
    pub(crate) price: Money,
    /// At least one.
    pub(crate) unit_quantity: i64,
    /// The price of all pieces, rounded once.
    pub(crate) net: Money,
    /// The seller's tax, in hundredths of a per cent.
    pub(crate) tax_basis_points: u32,
    /// The weight of one piece.
    pub(crate) weight_mg: i64,
    /// The quotation that set the price, and its freight.
    pub(crate) quoted: Option<(QuotationId, Money)>,
}

/// Why goods cannot be bought together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// What the client called the line.
    pub(crate) field: String,
    /// What is wrong with it.
    pub(crate) kind: FaultKind,
}

/// What can be wrong with a line that is for sale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FaultKind {
    /// A checkout has one payment, and a payment one currency.
    #[error("is sold in {found}, the lines before it in {expected}: one checkout has one currency")]
    Currency {
        /// The currency of the first line.
        expected: Currency,
        /// The currency of this one.
        found: Currency,
    },
    /// The buyer is the seller.
    #[error("is your own")]
    OwnGoods,
    /// It would take one more order than logistics reserves at a time.
    #[error("takes one seller or quotation too many: one checkout has at most {MOST_ORDERS} orders")]
    TooManyOrders,
    /// It, or it and the lines before it, go beyond [`Money::MOST_PAYABLE`].
    #[error("{COSTS_TOO_MUCH}")]
    TooMuch,
    /// Its price is rounded to nothing, and nobody gives goods away.
    #[error("{COSTS_NOTHING}")]
    TooLittle,
}

/// Groups what is bought: the goods of one seller make one order, and each quotation makes an order of its own, because its freight is
/// agreed for it alone. `next_id` names the orders, in the order of their first lines.
///
/// # Errors
/// Everything that is wrong, line by line.
pub(crate) fn drafts(
    buyer: OrganisationId,
    offers: Vec<Offer>,
    fee_basis_points: u32,
    mut next_id: impl FnMut() -> OrderId,
) -> Result<Vec<Draft>, Vec<Fault>> {
    let mut drafts: Vec<Draft> = Vec::new();
    let mut faults = Vec::new();
    let mut fault = |field: &str, kind| {
        faults.push(Fault {
            field: field.to_owned(),
            kind,
        });
    };
    let Some(expected) = offers.first().map(|offer| offer.net.currency()) else {
        return Ok(drafts);
    };
    for offer in offers {
        let found = offer.net.currency();
        let freight_currency = offer.quoted.map_or(expected, |(_, freight)| freight.currency());
        if found != expected || freight_currency != expected {
            let found = if found == expected { freight_currency } else { found };
            fault(&offer.field, FaultKind::Currency { expected, found });
            continue;
        }
        if offer.seller == buyer {
            fault(&offer.field, FaultKind::OwnGoods);
            continue;
        }
        if offer.net.is_zero() {
            fault(&part_of(&offer.field, "quantity"), FaultKind::TooLittle);
            continue;
        }
        let (field, seller, quoted) = (offer.field.clone(), offer.seller, offer.quoted);
        let Ok(line) = frozen(offer, fee_basis_points) else {
            fault(&field, FaultKind::TooMuch);
            continue;
        };
        match drafts.iter().position(|draft| draft.seller == seller && draft.quoted == quoted) {
            Some(place) => drafts[place].lines.push(line),
            None if drafts.len() == MOST_ORDERS => {
                fault(&field, FaultKind::TooManyOrders);
                break;
            }
            None => drafts.push(Draft {
                order: next_id(),
                seller,
                lines: vec![line],
                quoted,
            }),
        }
        // The sum so far: the line that takes it beyond what can be paid is the one to name.
        if !total(expected, &drafts).is_ok_and(Money::is_payable) {
            fault(&field, FaultKind::TooMuch);
            break;
        }
    }
    if faults.is_empty() { Ok(drafts) } else { Err(faults) }
}

fn total(currency: Currency, drafts: &[Draft]) -> Result<Money, MoneyError> {
    drafts.iter().try_fold(Money::zero(currency), |sum, draft| {
        sum.checked_add(draft.total(draft.quoted.map_or(Money::zero(currency), |(_, freight)| freight))?)
    })
}

fn frozen(offer: Offer, fee_basis_points: u32) -> Result<DraftLine, MoneyError> {
    let charges = Charges {
        tax_basis_points: offer.tax_basis_points,
        fee_basis_points,
    };
    let (tax, gross, fee) = charges.on(offer.net)?;
    if !gross.is_payable() {
        return Err(MoneyError::Overflow);
    }
    Ok(DraftLine {
        line: Line {
            variant: offer.variant,
            product: offer.product,
            store: offer.store,
            title: offer.title,
            sku: offer.sku,
            quantity: offer.quantity,
            price: offer.price,
            unit_quantity: offer.unit_quantity,
            net: offer.net,
            tax,
            gross,
            fee,
        },
        weight_mg: offer.weight_mg,
        field: offer.field,
    })
}

#[cfg(test)]
mod tests {
    use kernel::TypeId;
    use proptest::prelude::*;

    use super::*;
    use crate::domain::samples::{id, offer, usd};

    fn ids() -> impl FnMut() -> OrderId {
        let mut next = 0;
        move || {
            next += 1;
            id(next)
        }
    }

    #[test]
    fn the_goods_of_one_seller_make_one_order_and_each_quotation_its_own() {
        let mut quoted = offer(1, 100);
        quoted.quoted = Some((id(9), usd(5)));
        let drafts = drafts(id(100), vec![offer(1, 100), offer(2, 50), offer(1, 30), quoted], 250, ids()).unwrap();
        let sellers: Vec<_> = drafts.iter().map(|draft| (draft.seller, draft.lines.len())).collect();
        assert_eq!(sellers, [(id(1), 2), (id(2), 1), (id(1), 1)]);
        assert_eq!(drafts[2].total(usd(5)), Ok(usd(124)));
    }

    #[test]
    fn two_currencies_do_not_go_into_one_checkout() {
        let mut euros = offer(2, 100);
        euros.net = Money::new(100, "EUR".parse().unwrap());
        euros.field = "lines[1]".to_owned();
        let faults = drafts(id(100), vec![offer(1, 100), euros], 250, ids()).unwrap_err();
        assert_eq!(faults.len(), 1);
        assert_eq!(faults[0].field, "lines[1]");
        assert!(matches!(faults[0].kind, FaultKind::Currency { .. }));
    }

    #[test]
    fn the_line_that_takes_one_order_too_many_is_named() {
        let mut offers: Vec<_> = (0..=MOST_ORDERS as u128).map(|seller| offer(seller, 1)).collect();
        offers[MOST_ORDERS].field = "lines[100]".to_owned();
        let faults = drafts(id(1_000), offers.clone(), 250, ids()).unwrap_err();
        assert_eq!((faults[0].field.as_str(), faults[0].kind), ("lines[100]", FaultKind::TooManyOrders));
        offers.pop();
        assert_eq!(drafts(id(1_000), offers, 250, ids()).unwrap().len(), MOST_ORDERS);
    }

    #[test]
    fn nobody_buys_from_themselves() {
        let faults = drafts(id(1), vec![offer(1, 100)], 250, ids()).unwrap_err();
        assert_eq!(faults[0].kind, FaultKind::OwnGoods);
    }

    #[test]
    fn the_line_that_costs_too_much_is_named() {
        // With its tax of 19 % it leaves less than a hundred cents of what can be paid.
        let most = Money::MOST_PAYABLE / 119 * 100;
        let faults = |lines: &[i64]| {
            let offers = lines.iter().enumerate().map(|(place, net)| Offer {
                field: format!("lines[{place}]"),
                ..offer(1, *net)
            });
            match drafts(id(100), offers.collect(), 0, ids()) {
                Ok(_) => Vec::new(),
                Err(faults) => faults.into_iter().map(|fault| (fault.field, fault.kind)).collect(),
            }
        };
        let too_much = |place: usize| (format!("lines[{place}]"), FaultKind::TooMuch);
        assert_eq!(faults(&[1, most, 1]), []);
        assert_eq!(faults(&[1, most, 97]), [too_much(2)]);
        assert_eq!(faults(&[Money::MOST_PAYABLE, 1, i64::MAX]), [too_much(0), too_much(2)]);
    }

    #[test]
    fn a_line_whose_price_is_rounded_to_nothing_is_refused_at_its_quantity() {
        let mut quoted = offer(2, 0);
        (quoted.field, quoted.quoted) = ("quotation_ids[0]".to_owned(), Some((id(9), usd(500))));
        let faults = drafts(id(100), vec![offer(1, 0), quoted], 250, ids()).unwrap_err();
        let fault = |field: &str| Fault {
            field: field.to_owned(),
            kind: FaultKind::TooLittle,
        };
        assert_eq!(faults, [fault("lines[0].quantity"), fault("quotation_ids[0]")]);
    }

    proptest! {
        #[test]
        fn no_line_is_lost_and_the_parts_add_up(lines in prop::collection::vec((1u128..5, 1i64..1_000_000), 1..30)) {
            let offers: Vec<_> = lines.iter().map(|(seller, net)| offer(*seller, *net)).collect();
            let drafts = drafts(id(100), offers, 250, ids()).unwrap();
            let nets: i64 = drafts.iter().flat_map(|draft| &draft.lines).map(|draft| draft.line.net.minor_units()).sum();
            prop_assert_eq!(nets, lines.iter().map(|(_, net)| net).sum::<i64>());
            for draft in &drafts {
                let gross: i64 = draft.lines.iter().map(|draft| draft.line.gross.minor_units()).sum();
                prop_assert_eq!(draft.total(usd(7)).unwrap(), usd(gross + 7));
                prop_assert_eq!(draft.order.uuid(), TypeId::uuid(draft.order));
            }
        }
    }
}
