//! How long each party may take. The platform sets them within bounds, a buyer may
//! choose shorter ones, and they are frozen on what they are chosen for.

use std::time::Duration;

use serde::{Deserialize, Serialize};

const DAY: u64 = 24 * 3_600;

/// What a buyer cannot choose to fall short of.
pub(crate) const SHORTEST: Duration = Duration::from_secs(1);

/// The time limits of a trade.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Windows {
    /// From checkout until it must be paid.
    pub(crate) payment: Duration,
    /// From delivery until it is accepted by itself.
    pub(crate) inspection: Duration,
    /// From hand-over to the carrier until it is accepted by itself, if no delivery is ever reported.
    pub(crate) shipped: Duration,
}

/// A time limit out of bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name} must be between 1 and {longest_s} seconds")]
pub(crate) struct InvalidWindow {
    name: &'static str,
    longest_s: u64,
}

impl Windows {
    /// The windows of these lengths in seconds.
    ///
    /// # Errors
    /// The first that is out of bounds: 30 days for payment, 90 for inspection, a year for what was shipped.
    pub(crate) fn new(payment_s: u64, inspection_s: u64, shipped_s: u64) -> Result<Self, InvalidWindow> {
        Ok(Self {
            payment: bounded("payment_window_s", payment_s, 30 * DAY)?,
            inspection: bounded("inspection_window_s", inspection_s, 90 * DAY)?,
            shipped: bounded("shipped_window_s", shipped_s, 365 * DAY)?,
        })
    }
}

fn bounded(name: &'static str, seconds: u64, longest_s: u64) -> Result<Duration, InvalidWindow> {
    if (1..=longest_s).contains(&seconds) {
        Ok(Duration::from_secs(seconds))
    } else {
        Err(InvalidWindow { name, longest_s })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_out_of_bounds_is_named() {
        assert!(Windows::new(1, 1, 1).is_ok());
        for (windows, name) in [
            (Windows::new(0, 1, 1), "payment_window_s"),
            (Windows::new(1, 91 * DAY, 1), "inspection_window_s"),
            (Windows::new(1, 1, 366 * DAY), "shipped_window_s"),
        ] {
            assert!(windows.unwrap_err().to_string().starts_with(name));
        }
    }
}
