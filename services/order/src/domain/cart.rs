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
            (None, _) if self.lines.len() >= MOST_LINES => return Err(Refusal::FullCart),
            (None, quantity) => self.lines.push(CartLine { variant, quantity }),
        }
        Ok(())
    }

    /// A checkout takes these lines out, all of them or none, so that of two that mean the same goods one gets them.
    ///
    /// # Errors
    /// A line that is not in it as it was read, because another checkout took it or the buyer changed it.
    pub(crate) fn take(&mut self, lines: &[CartLine]) -> Result<(), Refusal> {
        if self.lines.is_empty() {
            return Err(Refusal::EmptyCart);
        }
        if !lines.iter().all(|line| self.lines.contains(line)) {
            return Err(Refusal::CartChanged);
        }
        self.lines.retain(|line| !lines.contains(line));
        Ok(())
    }

    /// The checkout that took these lines came to nothing: they are where they were, before what was put in meanwhile. A variant that was
    /// put in again stays as it was put in, which is what the buyer said last; and what does not fit any more stays out.
    pub(crate) fn give_back(&mut self, lines: &[CartLine]) {
        let put_in = std::mem::take(&mut self.lines);
        let missing = lines.iter().filter(|line| put_in.iter().all(|other| other.variant != line.variant));
        let room = MOST_LINES.saturating_sub(put_in.len());
        self.lines = missing.copied().take(room).chain(put_in.iter().copied()).collect();
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
        assert_eq!(cart.set(id(1_000), 1), Err(Refusal::FullCart));
        assert_eq!(cart.set(id(1), 3), Ok(()));
    }

    /// Variants and how many pieces of each.
    fn lines(of: &[(u128, i64)]) -> Vec<CartLine> {
        let line = |(variant, quantity): &(u128, i64)| CartLine {
            variant: id(*variant),
            quantity: *quantity,
        };
        of.iter().map(line).collect()
    }

    #[test]
    fn a_cart_is_taken_once_and_as_it_was_read() {
        let mut cart = Cart::empty(id(1));
        cart.set(id(7), 2).unwrap();
        cart.set(id(8), 1).unwrap();
        let read = cart.lines.clone();
        cart.set(id(8), 4).unwrap();
        assert_eq!(cart.take(&read), Err(Refusal::CartChanged));
        assert_eq!(cart.lines, lines(&[(7, 2), (8, 4)]));
        let read = cart.lines.clone();
        cart.set(id(9), 1).unwrap();
        assert_eq!(cart.take(&read), Ok(()));
        assert_eq!(cart.lines, lines(&[(9, 1)]));
        assert_eq!(cart.take(&read), Err(Refusal::CartChanged));
        cart.set(id(9), 0).unwrap();
        assert_eq!(cart.take(&read), Err(Refusal::EmptyCart));
    }

    #[test]
    fn what_is_given_back_leaves_alone_what_was_put_in_meanwhile() {
        let mut cart = Cart::empty(id(1));
        cart.lines = lines(&[(8, 5), (9, 1)]);
        cart.give_back(&lines(&[(7, 2), (8, 1)]));
        assert_eq!(cart.lines, lines(&[(7, 2), (8, 5), (9, 1)]));
        let many: Vec<_> = (100..100 + MOST_LINES as u128).map(|variant| (variant, 1)).collect();
        cart.give_back(&lines(&many));
        assert_eq!(cart.lines.len(), MOST_LINES);
        assert_eq!(cart.lines[MOST_LINES - 3..], lines(&[(7, 2), (8, 5), (9, 1)]));
    }
}
