//! Ports that a test has to itself: in rows, below those that the system gives to outgoing connections, so that
//! nobody gets one between its being found free and its being listened on.

use std::{
    net::{Ipv4Addr, TcpListener},
    ops::RangeInclusive,
};

use uuid::Uuid;

/// Where single ports lie, each behind one that guards it.
const SINGLE: RangeInclusive<u16> = 10_000..=11_999;

/// Where rows of a hundred lie, whose first port guards the others.
const HUNDREDS: RangeInclusive<u16> = 12_000..=31_999;

/// Ports in a row, for as long as this lasts.
pub struct Ports {
    /// Who listens on the first port of a row has the row.
    guard: TcpListener,
}

impl Ports {
    /// One port.
    ///
    /// # Panics
    /// When there is none.
    pub fn one() -> Self {
        Self::take(SINGLE, 2)
    }

    /// A hundred less the one that guards them.
    ///
    /// # Panics
    /// When there are no hundred in a row.
    pub fn hundred() -> Self {
        Self::take(HUNDREDS, 100)
    }

    /// The first of them; the others follow.
    pub fn first(&self) -> u16 {
        self.guard.local_addr().expect("a bound socket has an address").port() + 1
    }

    fn take(range: RangeInclusive<u16>, length: u16) -> Self {
        let rows = (range.end() - range.start()).div_ceil(length);
        // Tests that run at once begin to look in different places.
        let start = Uuid::new_v4().as_fields().1 % rows;
        let guard = (0..rows).find_map(|next| {
            let first = range.start() + (start + next) % rows * length;
            let guard = listen(first)?;
            (first + 1..first + length).all(|port| listen(port).is_some()).then_some(guard)
        });
        Self {
            guard: guard.expect("ports in a row are free"),
        }
    }
}

fn listen(port: u16) -> Option<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).ok()
}
