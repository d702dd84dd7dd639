//! The one who calls.

use std::sync::Arc;

use kernel::{AccountId, OrganisationId, SessionId, Time};
use tonic::{Request, Status};

use crate::Problem;

/// A signed-in person, acting for one organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// The person.
    pub account: AccountId,
    /// The organisation that they act for: the tenant, and the owner of what they make.
    pub organisation: OrganisationId,
    /// The session that their token belongs to, if it says.
    pub session: Option<SessionId>,
    /// The version of the membership that their token was issued by.
    pub membership: i64,
    /// Which of the account's passwords their session began with.
    pub passwords: i32,
    /// When their token expires.
    pub until: Time,
    /// Such as `operator`.
    pub roles: Vec<String>,
    /// Such as `orders.write`.
    pub scopes: Vec<String>,
}

impl Principal {
    /// Whether the token carries this scope.
    pub fn may(&self, scope: &str) -> bool {
        self.scopes.iter().any(|held| held == scope)
    }

    /// Whether the token carries this role.
    pub fn is(&self, role: &str) -> bool {
        self.roles.iter().any(|held| held == role)
    }
}

/// Who calls an RPC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// Nobody that we know.
    Anonymous,
    /// The bearer of a valid access token.
    Principal(Arc<Principal>),
    /// Another service.
    Service(String),
}

/// Who calls, as the authentication layer found it.
pub fn caller<T>(request: &Request<T>) -> Caller {
    request.extensions().get().cloned().unwrap_or(Caller::Anonymous)
}

/// The person who calls.
///
/// # Errors
/// `UNAUTHENTICATED` when it is nobody or a service.
pub fn principal<T>(request: &Request<T>) -> Result<Arc<Principal>, Status> {
    match caller(request) {
        Caller::Principal(principal) => Ok(principal),
        Caller::Anonymous | Caller::Service(_) => Err(Problem::unauthenticated("sign in to do this").into()),
    }
}
