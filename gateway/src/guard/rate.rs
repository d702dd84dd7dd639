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
    /// How many requests of an address may come at once.
    burst: u32,
    clock: DefaultClock,
}

impl Rates {
    /// The rates that the configuration allows. One second's worth may come at once.
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            addresses: limiter(config.requests_per_second_per_address),
            principals: limiter(config.requests_per_second_per_principal),
            burst: config.requests_per_second_per_address,
            clock: DefaultClock::default(),
        }
    }

    /// Counts a request of an address.
    pub(crate) fn address(&self, address: IpAddr) -> Result<(), Problem> {
        self.count_address(address, 1)
    }

    /// Counts what a request that was counted costs beyond the one that it is. More than may come at once is as much as that.
    pub(crate) fn costs(&self, address: IpAddr, cost: u32) -> Result<(), Problem> {
        self.count_address(address, cost.min(self.burst).saturating_sub(1))
    }

    fn count_address(&self, address: IpAddr, requests: u32) -> Result<(), Problem> {
        let detail = "requests come too often from this address";
        self.count(self.addresses.as_ref(), &network(address), requests, detail)
    }

    /// Counts a request of a principal.
    pub(crate) fn principal(&self, account: AccountId) -> Result<(), Problem> {
        self.count(self.principals.as_ref(), &account, 1, "requests come too often from this account")
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
        requests: u32,
        detail: &'static str,
    ) -> Result<(), Problem> {
        let (Some(limiter), Some(requests)) = (limiter, NonZeroU32::new(requests)) else {
            return Ok(());
        };
        limiter
            .check_key_n(key, requests)
            .expect("nothing counts as more than may come at once")
            .map_err(|early| too_often(detail, early.wait_time_from(self.clock.now())))
    }
}

/// Whoever has one IPv6 address has all of its /64.
pub(super) fn network(address: IpAddr) -> IpAddr {
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
    fn what_costs_more_comes_less_often_and_whatever_it_costs_comes_sometimes() {
        let rates = Rates::new(&Config {
            requests_per_second_per_address: 100,
            ..Config::default()
        });
        let come = |address: &str, cost| {
            let address = address.parse().unwrap();
            let comes_in = |_: &u32| rates.address(address).and_then(|()| rates.costs(address, cost)).is_ok();
            (0..100).take_while(comes_in).count()
        };
        assert_eq!(come("10.0.0.1", 1), 100);
        assert!((2..20).contains(&come("10.0.0.2", 50)));
        assert!((1..10).contains(&come("10.0.0.3", 1_000)));
    }

    #[test]
    fn an_ipv6_network_is_one_client() {
        let network = |address: &str| network(address.parse().unwrap()).to_string();
        assert_eq!(network("2001:db8::1:2:3:4"), "2001:db8::");
        assert_eq!(network("::ffff:10.0.0.1"), "10.0.0.1");
    }
}
