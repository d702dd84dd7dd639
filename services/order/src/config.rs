//! Order's own settings, and the terms of trade that follow from them.

use std::time::Duration;

use runtime::Error;
use serde::Deserialize;

use crate::domain::Windows;

/// Order's own settings.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// What the platform keeps of every line's net, in hundredths of a per cent.
    pub fee_basis_points: u32,
    /// From checkout until it must be paid, in seconds; a buyer may choose less.
    pub payment_window_s: u64,
    /// From delivery until an order is accepted by itself, in seconds; a buyer may choose less.
    pub inspection_window_s: u64,
    /// From hand-over until an order is accepted by itself if no delivery is ever reported, in seconds.
    pub shipped_window_s: u64,
    /// The shortest time that a quotation may be open, in seconds.
    pub quotation_shortest_s: u64,
    /// How long one call to another service may take, in milliseconds.
    pub step_timeout_ms: u64,
    /// After this time somebody else takes care of a checkout whose steps are under way, in seconds.
    pub saga_recovery_s: u64,
    /// After this time a checkout whose steps are still under way is taken back, in seconds.
    pub saga_give_up_s: u64,
    /// How much longer than the payment deadline logistics holds the stock, in seconds.
    pub reservation_slack_s: u64,
}

impl Default for Config {
    /// 2.5 %; five days to pay, a week to inspect, thirty days to arrive.
    fn default() -> Self {
        let day = 24 * 3_600;
        Self {
            fee_basis_points: 250,
            payment_window_s: 5 * day,
            inspection_window_s: 7 * day,
            shipped_window_s: 30 * day,
            quotation_shortest_s: 3_600,
            step_timeout_ms: 3_000,
            saga_recovery_s: 10,
            saga_give_up_s: 300,
            reservation_slack_s: 3_600,
        }
    }
}

/// Checked settings.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terms {
    pub(crate) fee_basis_points: u32,
    pub(crate) windows: Windows,
    pub(crate) quotation_shortest: Duration,
    pub(crate) step_timeout: Duration,
    pub(crate) recovery: Duration,
    pub(crate) give_up: Duration,
    pub(crate) reservation_slack: Duration,
}

impl TryFrom<&Config> for Terms {
    type Error = Error;

    fn try_from(config: &Config) -> Result<Self, Error> {
        let wrong = |what: &str| Error::Configuration(format!("order.{what}"));
        if config.fee_basis_points > 10_000 {
            return Err(wrong("fee_basis_points must be at most 10000, which is everything"));
        }
        if config.step_timeout_ms == 0 {
            return Err(wrong("step_timeout_ms must be greater than zero"));
        }
        let windows = Windows::new(config.payment_window_s, config.inspection_window_s, config.shipped_window_s)
            .map_err(|error| wrong(&error.to_string()))?;
        Ok(Self {
            fee_basis_points: config.fee_basis_points,
            windows,
            quotation_shortest: Duration::from_secs(config.quotation_shortest_s),
            step_timeout: Duration::from_millis(config.step_timeout_ms),
            recovery: Duration::from_secs(config.saga_recovery_s),
            give_up: Duration::from_secs(config.saga_give_up_s),
            reservation_slack: Duration::from_secs(config.reservation_slack_s),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_setting_is_named() {
        assert!(Terms::try_from(&Config::default()).is_ok());
        let fee = Config {
            fee_basis_points: 10_001,
            ..Config::default()
        };
        assert!(Terms::try_from(&fee).unwrap_err().to_string().contains("order.fee_basis_points"));
        let window = Config {
            payment_window_s: 0,
            ..Config::default()
        };
        assert!(Terms::try_from(&window).unwrap_err().to_string().contains("order.payment_window_s"));
    }
}
