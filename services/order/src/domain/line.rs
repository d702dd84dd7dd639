//! A line of an order: what was bought, at what it was sold for. Frozen at sale.

use kernel::{Money, MoneyError, ProductId, StoreId, VariantId};
use serde::{Deserialize, Serialize};

/// What one line cost, whatever the catalog says later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Line {
    /// What was bought.
    pub(crate) variant: VariantId,
    /// The product that it is a variant of.
    pub(crate) product: ProductId,
    /// The store that sold it.
    pub(crate) store: StoreId,
    /// The product's title at the time of sale.
    pub(crate) title: String,
    /// The seller's article number at the time of sale.
    pub(crate) sku: String,
    /// Pieces; at least one.
    pub(crate) quantity: i64,
    /// What `unit_quantity` pieces cost.
    pub(crate) price: Money,
    /// How many pieces the price is for; at least one.
    pub(crate) unit_quantity: i64,
    /// The price of all pieces, rounded once.
    pub(crate) net: Money,
    /// What the seller adds as tax.
    pub(crate) tax: Money,
    /// Net and tax.
    pub(crate) gross: Money,
    /// What the platform keeps of the net when the seller is paid.
    pub(crate) fee: Money,
}

/// What a line costs besides its net.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Charges {
    /// Tax on the net, in hundredths of a per cent.
    pub(crate) tax_basis_points: u32,
    /// The platform's fee on the net, in hundredths of a per cent.
    pub(crate) fee_basis_points: u32,
}

impl Charges {
    /// Tax, gross and fee of a net amount, each rounded once.
    pub(super) fn on(self, net: Money) -> Result<(Money, Money, Money), MoneyError> {
        let tax = net.basis_points(self.tax_basis_points)?;
        Ok((tax, net.checked_add(tax)?, net.basis_points(self.fee_basis_points)?))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn usd(minor_units: i64) -> Money {
        Money::new(minor_units, "USD".parse().unwrap())
    }

    #[test]
    fn tax_and_fee_are_taken_of_the_net() {
        let charges = Charges {
            tax_basis_points: 1_900,
            fee_basis_points: 250,
        };
        assert_eq!(charges.on(usd(10_000)), Ok((usd(1_900), usd(11_900), usd(250))));
    }

    proptest! {
        #[test]
        fn gross_is_net_and_tax_and_the_fee_is_never_more_than_the_net(net in 0i64..1 << 50, tax in 0u32..10_000, fee in 0u32..=10_000) {
            let charges = Charges { tax_basis_points: tax, fee_basis_points: fee };
            let (tax, gross, fee) = charges.on(usd(net)).unwrap();
            prop_assert_eq!(usd(net).checked_add(tax).unwrap(), gross);
            prop_assert!(fee.minor_units() <= net && !fee.is_negative() && !tax.is_negative());
        }
    }
}
