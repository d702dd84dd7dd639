//! Who buys and who sells in an order, as order told.

use kernel::{OrderId, OrganisationId};

/// The parties of an order. They never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Trade {
    /// Which order.
    pub(crate) order: OrderId,
    /// Who buys; the owner.
    pub(crate) buyer: OrganisationId,
    /// Who sells.
    pub(crate) seller: OrganisationId,
}

impl Trade {
    /// Whether it is a trade of these two, in whichever roles.
    pub(crate) fn is_between(&self, one: OrganisationId, other: OrganisationId) -> bool {
        [(one, other), (other, one)].contains(&(self.buyer, self.seller))
    }
}

#[cfg(test)]
mod tests {
    use kernel::uuid::Uuid;

    use super::*;

    fn organisation(number: u128) -> OrganisationId {
        OrganisationId::from_uuid(Uuid::from_u128(number))
    }

    #[test]
    fn a_trade_is_between_its_two_parties_only() {
        let (buyer, seller) = (organisation(1), organisation(2));
        let trade = Trade {
            order: OrderId::from_uuid(Uuid::nil()),
            buyer,
            seller,
        };
        assert!(trade.is_between(buyer, seller) && trade.is_between(seller, buyer));
        assert!(!trade.is_between(buyer, organisation(3)) && !trade.is_between(organisation(3), seller) && !trade.is_between(buyer, buyer));
    }
}
