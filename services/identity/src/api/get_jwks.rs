//! The public keys that verify access tokens.

use proto::identity::v1::Jwks;

use super::Api;

pub(super) fn handle(api: &Api) -> Jwks {
    Jwks { keys: api.keyring.jwks() }
}
