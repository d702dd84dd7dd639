//! The route table: made from the descriptors before the first request, and refused whole if anything in it makes no sense.
//!
//! Only RPCs with both a google.api.http option and an access rule are routed, and internal ones never are. Two routes that can match the
//! same request are refused, so that the order of the protos never matters.

mod route;
mod rule;
mod template;
mod tree;

use std::sync::Arc;

use http::Method;
use prost_reflect::DescriptorPool;
use runtime::auth::{Access, Rules};

pub(crate) use self::route::{Body, Bound, IDEMPOTENCY_KEY, IF_MATCH, Input, Output, Route};
use self::{template::Template, tree::Tree};
use crate::{codec::Plans, door};

/// Why the descriptors make no route table.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An RPC whose options make no sense.
    #[error("{rpc}: {reason}")]
    Rule {
        /// Its full name.
        rpc: String,
        /// Why not.
        reason: String,
    },
    /// Two routes for one request.
    #[error("{one} and {other} can match the same request")]
    Ambiguous {
        /// The full name of an RPC.
        one: String,
        /// And of another one.
        other: String,
    },
}

/// All routes.
#[derive(Debug)]
pub(crate) struct Routes {
    all: Vec<Arc<Route>>,
    tree: Tree,
}

/// Where a request goes.
pub(crate) enum Match<'t> {
    Route(&'t Arc<Route>),
    /// The path has routes, but none of this method.
    Others(Vec<&'t Method>),
    Nothing,
}

impl Routes {
    /// Makes the table of all RPCs whose service `is_served`, by its domain, and of those whose path names the service.
    ///
    /// # Errors
    /// The first rule that makes no sense, or two that contradict each other.
    pub(crate) fn of(pool: &DescriptorPool, plans: &Plans, is_served: impl Fn(&str) -> bool) -> Result<Self, Error> {
        let access = Rules::of(pool);
        let mut routes = Self {
            all: Vec::new(),
            tree: Tree::default(),
        };
        for rpc in proto::methods(pool) {
            let named = |reason: String| Error::Rule {
                rpc: rpc.full_name().to_owned(),
                reason,
            };
            let allowed = match access.get(&proto::path(&rpc)) {
                Some(Access::Internal(_)) | None => continue,
                Some(access @ (Access::Public | Access::SignedIn { .. } | Access::ProviderSignature)) => access,
            };
            for rule in rule::rules(&rpc).map_err(named)? {
                routes.add(Route::new(plans, rpc.clone(), &rule, allowed.clone()).map_err(named)?)?;
            }
        }
        routes.all.retain(|route| route.named_by.is_some() || is_served(&route.domain));
        for (at, route) in routes.all.iter().enumerate() {
            routes.tree.insert(&route.method, &route.template, at);
        }
        Ok(routes)
    }

    fn add(&mut self, route: Route) -> Result<(), Error> {
        let own = door::PATHS.iter().filter_map(|path| Template::parse(path).ok());
        if route.is_safe() && own.into_iter().any(|own| own.overlaps(&route.template)) {
            let reason = "its path is the gateway's own".to_owned();
            return Err(Error::Rule {
                rpc: route.rpc.full_name().to_owned(),
                reason,
            });
        }
        if let Some(other) = self
            .all
            .iter()
            .find(|other| other.method == route.method && other.template.overlaps(&route.template))
        {
            return Err(Error::Ambiguous {
                one: other.rpc.full_name().to_owned(),
                other: route.rpc.full_name().to_owned(),
            });
        }
        self.all.push(Arc::new(route));
        Ok(())
    }

    /// Where a request of this method goes. A HEAD goes where its GET would.
    pub(crate) fn find(&self, method: &Method, segments: &mut [&str]) -> Match<'_> {
        let asked = if method == Method::HEAD { &Method::GET } else { method };
        if let Some(route) = self.tree.find(asked, segments).and_then(|at| self.all.get(at)) {
            return Match::Route(route);
        }
        let others = self.tree.allowed(segments);
        if others.is_empty() { Match::Nothing } else { Match::Others(others) }
    }

    pub(crate) fn all(&self) -> &[Arc<Route>] {
        &self.all
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn our_protos_make_a_route_table_without_internal_rpcs() {
        let pool = proto::pool();
        let routes = Routes::of(pool, &Plans::of(pool), |_| true).unwrap();
        assert!(routes.all().len() > 40);
        assert!(routes.all().iter().all(|route| !matches!(route.access, Access::Internal(_))));
        assert!(!routes.all().iter().any(|route| route.rpc.name() == "PriceLines"));
        let domains: BTreeSet<_> = routes.all().iter().map(|route| &*route.domain).collect();
        assert_eq!(
            domains,
            BTreeSet::from(["catalog", "identity", "logistics", "messaging", "operations", "order", "payment"])
        );
    }
}
