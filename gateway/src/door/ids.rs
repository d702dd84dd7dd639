//! Who a request is, and where it comes from.

use std::{
    borrow::Cow,
    hash::{BuildHasher, RandomState},
    net::IpAddr,
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    },
};

use http::{HeaderMap, HeaderName};

/// The header of a request's id, in both directions.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The id that the client gave, if it is a decent one, or a new one.
pub(crate) fn of(headers: &HeaderMap) -> Cow<'_, str> {
    let given = headers.get(REQUEST_ID).and_then(|value| value.to_str().ok());
    let decent =
        |id: &&str| (1..=128).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte));
    given.filter(decent).map_or_else(|| Cow::Owned(fresh()), Cow::Borrowed)
}

/// An id that no other request of any process has: a random half of the process and a count. It says nothing to those who guess.
pub(super) fn fresh() -> String {
    static PROCESS: OnceLock<(u64, RandomState)> = OnceLock::new();
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let (process, scatter) = PROCESS.get_or_init(|| (RandomState::new().hash_one(0), RandomState::new()));
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("{:016x}{:016x}", process ^ count, scatter.hash_one(count))
}

/// The address of the client: the peer's own, or what the outermost of the trusted proxies saw.
pub(crate) fn client(headers: &HeaderMap, peer: IpAddr, trusted_proxies: usize) -> IpAddr {
    let Some(hop) = trusted_proxies.checked_sub(1) else { return peer };
    let forwarded = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    let hops: Vec<_> = forwarded.flat_map(|value| value.split(',')).map(str::trim).collect();
    let seen = hops.len().checked_sub(hop + 1).and_then(|at| hops.get(at));
    seen.and_then(|address| address.parse().ok()).unwrap_or(peer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_differ_and_strange_ones_are_replaced() {
        assert_ne!(fresh(), fresh());
        let given = |id: &str| of(&HeaderMap::from_iter([(REQUEST_ID, id.parse().unwrap())])).into_owned();
        assert_eq!(given("order-7.a"), "order-7.a");
        assert_eq!(given("a b").len(), 32);
        assert_eq!(given(&"x".repeat(129)).len(), 32);
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        let headers = HeaderMap::from_iter([(HeaderName::from_static("x-forwarded-for"), "1.1.1.1, 2.2.2.2".parse().unwrap())]);
        let peer: IpAddr = "9.9.9.9".parse().unwrap();
        let client = |trusted| client(&headers, peer, trusted).to_string();
        assert_eq!(
            [client(0), client(1), client(2), client(3)],
            ["9.9.9.9", "2.2.2.2", "1.1.1.1", "9.9.9.9"]
        );
    }
}
