//! How often each principal and each address may come: a leaky bucket for each, forgotten once it is empty again.

use std::{
    hash::Hash,
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
    time::Duration,
};

use governor::{
    DefaultKeyedRateLimiter, Quota, RateLimiter,
    clock::{Clock, DefaultClock},
};
use http::StatusCode;
use kernel::AccountId;

use crate::{answer::Problem, config::Config};

/// All buckets.
pub(crate) struct Rates {
    addresses: Option<DefaultKeyedRateLimiter<IpAddr>>,
    principals: Option<DefaultKeyedRateLimiter<AccountId>>,
    clock: DefaultClock,
}

impl Rates {
    /// The rates that the configuration allows. One second's worth may come at once.
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            addresses: limiter(config.requests_per_second_per_address),
            principals: limiter(config.requests_per_second_per_principal),
            clock: DefaultClock::default(),
        }
    }

    /// Counts a request of an address.
    pub(crate) fn address(&self, address: IpAddr) -> Result<(), Problem> {
        self.count(
            self.addresses.as_ref(),
            &network(address),
            "requests come too often from this address",
        )
    }

    /// Counts a request of a principal.
    pub(crate) fn principal(&self, account: AccountId) -> Result<(), Problem> {
        self.count(self.principals.as_ref(), &account, "requests come too often from this account")
    }

    /// Forgets those who have not come for a while.
    pub(crate) fn forget(&self) {
        if let Some(addresses) = &self.addresses {
            addresses.retain_recent();
        }
        if let Some(principals) = &self.principals {
            principals.retain_recent();
        }
    }

    fn count<K: Clone + Eq + Hash>(
        &self,
        limiter: Option<&DefaultKeyedRateLimiter<K>>,
        key: &K,
        detail: &'static str,
    ) -> Result<(), Problem> {
        let Some(limiter) = limiter else { return Ok(()) };
        limiter
            .check_key(key)
            .map_err(|early| too_often(detail, early.wait_time_from(self.clock.now())))
    }
}

/// Whoever has one IPv6 address has all of its /64.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into(),
    }
}

fn limiter<K: Clone + Eq + Hash>(per_second: u32) -> Option<DefaultKeyedRateLimiter<K>> {
    NonZeroU32::new(per_second).map(|rate| RateLimiter::keyed(Quota::per_second(rate)))
}

fn too_often(detail: &'static str, wait: Duration) -> Problem {
    let mut problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED", detail);
    problem.retry_after = Some(wait);
    problem
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ipv6_network_is_one_client() {
        let network = |address: &str| network(address.parse().unwrap()).to_string();
        assert_eq!(network("2001:db8::1:2:3:4"), "2001:db8::");
        assert_eq!(network("::ffff:10.0.0.1"), "10.0.0.1");
    }
}
