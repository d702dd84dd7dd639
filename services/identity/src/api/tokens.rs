//! Making tokens: what signing in, refreshing and switching have in common.

use std::time::Duration;

use aws_lc_rs::rand;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use kernel::{AccountId, OrganisationId, SessionId};
use proto::identity::v1::Tokens;
use runtime::{Problem, auth::AccessClaims};
use store::{Cause, Error, Keys, Stored};
use tonic::Status;
use uuid::Uuid;

use super::Api;
use crate::domain::{
    Account, Membership, Refusal, Session,
    secret::{Key, Secret},
};

/// A refresh token: its session's id and a secret of 32 bytes, as base64url text.
pub(super) struct RefreshToken {
    pub(super) session: SessionId,
    pub(super) secret: Secret,
}

impl RefreshToken {
    /// The next token of a session with this key.
    pub(super) fn new(session: SessionId, key: Key) -> Self {
        let secret = Secret::new(key, random());
        Self { session, secret }
    }

    pub(super) fn parse(text: &str) -> Result<Self, Refusal> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| Refusal::InvalidRefreshToken)?;
        let bytes: [u8; 48] = bytes.try_into().map_err(|_| Refusal::InvalidRefreshToken)?;
        let (mut session, mut secret) = ([0; 16], [0; 32]);
        session.copy_from_slice(&bytes[..16]);
        secret.copy_from_slice(&bytes[16..]);
        Ok(Self {
            session: SessionId::from_uuid(Uuid::from_bytes(session)),
            secret: Secret(secret),
        })
    }

    fn text(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode([self.session.uuid().as_bytes().as_slice(), &self.secret.0].concat())
    }
}

/// A key for a session that has none.
pub(super) fn new_key() -> Key {
    Key(random())
}

fn random<const BYTES: usize>() -> [u8; BYTES] {
    let mut bytes = [0; BYTES];
    rand::fill(&mut bytes).expect("the operating system has randomness");
    bytes
}

/// The membership by which an account may act for an organisation.
///
/// # Errors
/// `PERMISSION_DENIED` for one who is not a member, whether the organisation exists or not.
pub(super) async fn member_of(api: &Api, organisation: OrganisationId, account: AccountId) -> Result<Stored<Membership>, Status> {
    let membership = api.store.get::<Membership>(Membership::id_of(organisation, account)).await?;
    let active = membership.filter(|membership| membership.active);
    Ok(active.ok_or_else(|| Problem::permission_denied("you are not a member of this organisation"))?)
}

/// Begins a session in which an account acts for an organisation, and issues its first tokens.
pub(super) async fn begin(api: &Api, account: &Account, member: &Stored<Membership>) -> Result<Tokens, Error<Refusal>> {
    let now = api.now();
    let key = new_key();
    let refresh = RefreshToken::new(SessionId::at(now), key);
    let session = Session {
        id: refresh.session,
        account: account.id,
        organisation: member.organisation,
        token: refresh.secret.hash(),
        key: Some(key),
        expires: now.plus(Duration::from_secs(api.config.session_s)),
        ended: false,
        passwords: account.passwords,
    };
    let keys = Keys::new().one::<Session>(session.id);
    let cause = Cause::step("begin_session", session.id);
    api.store
        .execute::<(), Refusal, _>(cause, keys, move |work| Ok(work.insert(session.clone())))
        .await?;
    Ok(issue(api, account, member, &refresh))
}

/// A refresh token came that was exchanged before, and has ended its session. That is a thief, or a client that asked twice at once, and
/// nothing is amiss with us: the line is for whoever wants to know later why somebody was signed out.
pub(super) fn reused(session: SessionId) -> Problem {
    tracing::info!(%session, "a refresh token came that was exchanged before; its session has ended");
    Refusal::RefreshTokenReused.into()
}

/// An access token for this account by this membership, beside the refresh token that gets the next. It
/// says which membership and which password it was issued by, as they were read: so there is no moment at
/// which a token of a role that somebody has no longer passes for a new one.
pub(super) fn issue(api: &Api, account: &Account, member: &Stored<Membership>, refresh: &RefreshToken) -> Tokens {
    let now = api.now();
    let (organisation, role) = (member.organisation, member.role);
    let mut roles = vec![role.name().to_owned()];
    if api.operators.contains(&account.email) {
        roles.push("operator".to_owned());
    }
    let scope = role.scopes().join(" ");
    let claims = AccessClaims {
        iss: api.issuer.clone(),
        aud: api.issuer.clone(),
        sub: account.id,
        org: organisation,
        client_id: "tradewind".to_owned(),
        jti: Uuid::new_v4().to_string(),
        iat: now.micros() / 1_000_000,
        exp: now.plus(api.token_life).micros() / 1_000_000,
        sid: Some(refresh.session),
        mbr: member.version(),
        pwd: account.passwords,
        roles,
        scope: scope.clone(),
    };
    Tokens {
        access_token: api.keyring.sign(&claims),
        token_type: "Bearer".to_owned(),
        expires_in: i32::try_from(api.token_life.as_secs()).unwrap_or(i32::MAX),
        refresh_token: refresh.text(),
        account_id: account.id.to_string(),
        organisation_id: organisation.to_string(),
        scope,
    }
}
