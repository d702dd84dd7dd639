//! What each RPC demands, as its proto says.

use std::collections::{BTreeSet, HashMap};

use http::{HeaderMap, header::AUTHORIZATION};
use prost_reflect::{DescriptorPool, DynamicMessage, MethodDescriptor, Value};

use super::{Caller, Refused, Verifier};

/// Who may call an RPC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anyone.
    Public,
    /// The bearer of a valid access token with this scope, if any is named, and one of these roles, if any are.
    SignedIn {
        /// Such as `orders.write`.
        scope: Option<String>,
        /// Such as `operator`.
        roles: Vec<String>,
    },
    /// Whoever signed the body; the service checks it.
    ProviderSignature,
    /// These services.
    Internal(Vec<String>),
}

/// Why a rule does not let a caller in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied<'r> {
    /// Only people may, and nobody is signed in.
    #[error("sign in to do this")]
    SignedOut,
    /// The token lacks this scope.
    #[error("this needs the scope {0}")]
    Scope(&'r str),
    /// The token has none of these roles.
    #[error("this needs one of the roles {}", .0.join(", "))]
    Roles(&'r [String]),
    /// Only some services may.
    #[error("this method is for other services")]
    Internal,
}

/// Why a request is not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unwelcome<'r> {
    /// Its authorization header is something else than a bearer token.
    #[error("the authorization header must be a bearer token")]
    NoBearer,
    /// Its token is not believed.
    #[error("{0}")]
    Refused(Refused),
    /// Whoever calls may not.
    #[error("{0}")]
    Denied(Denied<'r>),
}

impl Access {
    /// Who calls with these headers, if the rule lets them.
    ///
    /// # Errors
    /// A header that is no bearer token, a token that is not believed, or a caller that may not.
    pub async fn admit(&self, verifier: &Verifier, headers: &HeaderMap) -> Result<Caller, Unwelcome<'_>> {
        // A provider's header may hold whatever its signature needs.
        if *self == Self::ProviderSignature {
            return Ok(Caller::Anonymous);
        }
        let caller = match bearer(headers)? {
            Some(token) => verifier.verify(token).await.map_err(Unwelcome::Refused)?,
            None => Caller::Anonymous,
        };
        self.permits(&caller).map_err(Unwelcome::Denied)?;
        Ok(caller)
    }

    /// Whether a caller may. A provider's signature is left to the service.
    fn permits(&self, caller: &Caller) -> Result<(), Denied<'_>> {
        match (self, caller) {
            (Self::Public | Self::ProviderSignature, _) => Ok(()),
            (Self::Internal(services), Caller::Service(name)) if services.contains(name) => Ok(()),
            (Self::Internal(_), _) => Err(Denied::Internal),
            (Self::SignedIn { .. }, Caller::Anonymous | Caller::Service(_)) => Err(Denied::SignedOut),
            (Self::SignedIn { scope, roles }, Caller::Principal(principal)) => {
                if let Some(scope) = scope.as_deref().filter(|scope| !principal.may(scope)) {
                    return Err(Denied::Scope(scope));
                }
                if !roles.is_empty() && !roles.iter().any(|role| principal.is(role)) {
                    return Err(Denied::Roles(roles));
                }
                Ok(())
            }
        }
    }
}

/// The bearer token of a request, if it has any (RFC 6750, section 2.1).
///
/// # Errors
/// An authorization header that is something else.
pub fn bearer(headers: &HeaderMap) -> Result<Option<&str>, Unwelcome<'static>> {
    let Some(value) = headers.get(AUTHORIZATION) else { return Ok(None) };
    let token = value.to_str().ok().and_then(|value| value.split_once(' '));
    let token = token.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    let token = token.map(|(_, token)| token.trim()).filter(|token| !token.is_empty());
    token.map(Some).ok_or(Unwelcome::NoBearer)
}

/// The rules of all RPCs, by path: `/tradewind.order.v1.OrderService/GetOrder`.
#[derive(Clone, Debug, Default)]
pub struct Rules(HashMap<String, Access>);

impl Rules {
    /// The rules of every RPC in our protos.
    pub fn ours() -> Self {
        Self::of(proto::pool())
    }

    /// The rules that these descriptors state. An RPC without one has none and is served to nobody.
    pub fn of(pool: &DescriptorPool) -> Self {
        let rules = proto::methods(pool).filter_map(|method| Some((proto::path(&method), access(&method)?)));
        Self(rules.collect())
    }

    /// Every scope that an RPC demands.
    pub fn scopes(&self) -> BTreeSet<&str> {
        let scopes = self.0.values().filter_map(|access| match access {
            Access::SignedIn { scope, .. } => scope.as_deref(),
            Access::Public | Access::ProviderSignature | Access::Internal(_) => None,
        });
        scopes.collect()
    }

    /// The rule of an RPC.
    pub fn get(&self, path: &str) -> Option<&Access> {
        self.0.get(path)
    }
}

fn access(method: &MethodDescriptor) -> Option<Access> {
    let extension = method.parent_pool().get_extension_by_name("tradewind.access.v1.rule")?;
    let options = method.options();
    if !options.has_extension(&extension) {
        return None;
    }
    let Value::Message(rule) = options.get_extension(&extension).into_owned() else {
        return None;
    };
    let flag = |name: &str| rule.get_field_by_name(name).and_then(|value| value.as_bool()).unwrap_or_default();
    let internal = texts(&rule, "internal");
    if !internal.is_empty() {
        Some(Access::Internal(internal))
    } else if flag("provider_signature") {
        Some(Access::ProviderSignature)
    } else if flag("signed_in") {
        let scope = rule
            .get_field_by_name("scope")
            .and_then(|scope| scope.as_str().map(str::to_owned))
            .filter(|scope| !scope.is_empty());
        Some(Access::SignedIn {
            scope,
            roles: texts(&rule, "roles"),
        })
    } else {
        flag("public").then_some(Access::Public)
    }
}

fn texts(rule: &DynamicMessage, field: &str) -> Vec<String> {
    let list = rule.get_field_by_name(field);
    let texts = list.iter().filter_map(|list| list.as_list()).flatten();
    texts.filter_map(|text| text.as_str().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_protos_rules_are_read() {
        let rules = Rules::ours();
        assert_eq!(rules.get("/tradewind.identity.v1.AccountService/Register"), Some(&Access::Public));
        let internal = Access::Internal(vec!["order".to_owned()]);
        assert_eq!(rules.get("/tradewind.catalog.v1.PricingService/PriceLines"), Some(&internal));
        let operator = Access::SignedIn {
            scope: None,
            roles: vec!["operator".to_owned()],
        };
        assert_eq!(rules.get("/tradewind.payment.v1.LedgerService/GetTrialBalance"), Some(&operator));
        assert_eq!(rules.get("/tradewind.order.v1.OrderService/Nothing"), None);
    }
}
