//! What became of a checkout's wish to reserve: the memory that makes reserving and releasing idempotent.

use kernel::{CheckoutId, OrderId};
use serde::{Deserialize, Serialize};

use super::Shortage;

/// A checkout as logistics knows it. Made by whichever of Reserve and Release comes first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hold {
    /// The checkout.
    pub(crate) checkout: CheckoutId,
    /// What was answered, and whether it was given back since.
    pub(crate) state: HoldState,
}

/// The states of a hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub(crate) enum HoldState {
    /// Every line was reserved.
    Held {
        /// The checkout's orders, in their order.
        orders: Vec<OrderId>,
    },
    /// Nothing was reserved, and that answer stands.
    Refused {
        /// The lines that could not be had.
        shortages: Vec<Shortage>,
    },
    /// Given back, or never to be reserved: a tombstone.
    Released {
        /// The checkout's orders; none when Release came first.
        orders: Vec<OrderId>,
    },
}

impl HoldState {
    /// Its name.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Held { .. } => "held",
            Self::Refused { .. } => "refused",
            Self::Released { .. } => "released",
        }
    }
}

impl Hold {
    /// The orders that may hold stock.
    pub(crate) fn orders(&self) -> &[OrderId] {
        match &self.state {
            HoldState::Held { orders } | HoldState::Released { orders } => orders,
            HoldState::Refused { .. } => &[],
        }
    }

    /// From now on this checkout reserves nothing any more.
    pub(crate) fn release(&mut self) {
        self.state = HoldState::Released {
            orders: self.orders().to_vec(),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::samples::{checkout, order};

    #[test]
    fn a_released_hold_still_knows_its_orders() {
        let orders = vec![order(1), order(2)];
        let mut hold = Hold {
            checkout: checkout(1),
            state: HoldState::Held { orders: orders.clone() },
        };
        hold.release();
        hold.release();
        assert_eq!(hold.state, HoldState::Released { orders });
    }
}
