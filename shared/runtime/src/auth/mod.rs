//! Who calls, and whether they may.
//!
//! The gateway verifies an access token, and the service verifies it again; internal RPCs authenticate the calling service by its own
//! signed token. What an RPC demands stands in its proto and is read from the descriptors.

mod keys;
mod layer;
mod principal;
mod rules;
mod tokens;
mod verifier;

pub(crate) use self::layer::AuthLayer;
pub use self::{
    keys::{InvalidKey, PublicKey, SigningKey},
    principal::{Caller, Principal, caller, principal},
    rules::{Access, Denied, Rules, Unwelcome, bearer},
    tokens::{AccessClaims, ServiceTokens},
    verifier::{Refused, Verifier},
};
