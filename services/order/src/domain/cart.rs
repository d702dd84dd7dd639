//! A cart: what an organisation means to buy. One for each organisation, and without prices: they are asked for when it is looked at.

use kernel::{OrganisationId, VariantId};
use serde::{Deserialize, Serialize};

use super::{MOST_LINES, Refusal};

/// An organisation's basket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cart {
    /// Whose it is.
    pub(crate) owner: OrganisationId,
    /// What is in it, in the order in which it was put in. A variant comes up once.
    pub(crate) lines: Vec<CartLine>,
}

/// So many pieces of a variant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CartLine {
    /// What.
    pub(crate) variant: VariantId,
    /// Pieces; at least one.
    pub(crate) quantity: i64,
}

impl Cart {
    /// An empty cart.
    pub(crate) const fn empty(owner: OrganisationId) -> Self {
        Self { owner, lines: Vec::new() }
    }

    /// Sets how many pieces of a variant it holds; none takes the line out.
    ///
    /// # Errors
    /// A new line in a cart that is full.
    pub(crate) fn set(&mut self, variant: VariantId, quantity: i64) -> Result<(), Refusal> {
        let place = self.lines.iter().position(|line| line.variant == variant);
        match (place, quantity) {
            (Some(place), 0) => {
                self.lines.remove(place);
            }
            (Some(place), quantity) => self.lines[place].quantity = quantity,
            (None, 0) => {}
            (None, _) if self.lines.len() >= MOST_LINES => return Err(Refusal::FullCart(MOST_LINES)),
            (None, quantity) => self.lines.push(CartLine { variant, quantity }),
        }
        Ok(())
    }

    /// Takes out what was ordered. A line that was changed since the order began stays.
    pub(crate) fn take(&mut self, ordered: &[CartLine]) {
        self.lines.retain(|line| !ordered.contains(line));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::samples::id;

    #[test]
    fn a_variant_stands_in_the_cart_once() {
        let mut cart = Cart::empty(id(1));
        cart.set(id(7), 2).unwrap();
        cart.set(id(8), 1).unwrap();
        cart.set(id(7), 5).unwrap();
        let quantities: Vec<_> = cart.lines.iter().map(|line| line.quantity).collect();
        assert_eq!(quantities, [5, 1]);
        cart.set(id(7), 0).unwrap();
        cart.set(id(9), 0).unwrap();
        assert_eq!(cart.lines.len(), 1);
    }

    #[test]
    fn a_full_cart_takes_no_new_line() {
        let mut cart = Cart::empty(id(1));
        for variant in 0..MOST_LINES as u128 {
            cart.set(id(variant), 1).unwrap();
        }
        assert_eq!(cart.set(id(1_000), 1), Err(Refusal::FullCart(MOST_LINES)));
        assert_eq!(cart.set(id(1), 3), Ok(()));
    }

    #[test]
    fn what_was_changed_while_it_was_ordered_stays() {
        let mut cart = Cart::empty(id(1));
        cart.set(id(7), 2).unwrap();
        cart.set(id(8), 1).unwrap();
        let ordered = cart.lines.clone();
        cart.set(id(8), 4).unwrap();
        cart.take(&ordered);
        assert_eq!(
            cart.lines,
            [CartLine {
                variant: id(8),
                quantity: 4
            }]
        );
    }
}
