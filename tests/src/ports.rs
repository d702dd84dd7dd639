//! The ports of one ecosystem: a hundred in a row, below those that the system gives to outgoing connections.

use std::net::{Ipv4Addr, TcpListener};

/// How many ports there are in a row.
const ROW: u16 = 100;

/// Where the first row begins, and how many there are.
const FIRST: u16 = 12_000;
const ROWS: u16 = 200;

pub(crate) struct Ports {
    /// Who listens on the first port of a row has the row, so that tests which run at once do not share one.
    row: TcpListener,
}

impl Ports {
    /// A row that nobody else has or listens on.
    ///
    /// # Panics
    /// When there is none.
    pub(crate) fn take() -> Self {
        // As good as a random number.
        let start = harness::free_port() % ROWS;
        let mut rows = (0..ROWS).map(|next| FIRST + (start + next) % ROWS * ROW);
        let taken = rows.find_map(|first| {
            let row = listen(first)?;
            (first + 1..first + ROW).all(|port| listen(port).is_some()).then_some(row)
        });
        Self {
            row: taken.expect("no hundred ports in a row are free"),
        }
    }

    /// Where the gateway listens.
    pub(crate) fn gateway(&self) -> u16 {
        self.first() + 1
    }

    /// The first of the ports for everything else.
    pub(crate) fn base(&self) -> u16 {
        self.first() + 2
    }

    fn first(&self) -> u16 {
        self.row.local_addr().expect("a bound socket has an address").port()
    }
}

fn listen(port: u16) -> Option<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).ok()
}
