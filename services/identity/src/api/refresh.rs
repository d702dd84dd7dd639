//! Exchanges a refresh token. Membership and role are looked at again, so that who was removed gets no more tokens.

use std::time::Duration;

use proto::identity::v1::{RefreshRequest, Tokens};
use runtime::Problem;
use store::{Cause, Keys};
use tonic::Status;
use uuid::Uuid;

use super::{
    Api,
    tokens::{self, RefreshToken},
};
use crate::{
    domain::{
        Account, Refusal, Session,
        session::{Exchange, Next},
    },
    store::facts,
};

pub(super) async fn handle(api: &Api, request: RefreshRequest) -> Result<Tokens, Status> {
    let presented = RefreshToken::parse(&request.refresh_token).map_err(Problem::from)?;
    let id = presented.session;
    // What is read is read first: a read that fails must not cost the caller the token that they have.
    let invalid = || Problem::from(Refusal::InvalidRefreshToken);
    let session = api.store.get::<Session>(id).await?.ok_or_else(invalid)?;
    let account = api.store.get::<Account>(session.account).await?;
    let account = account.filter(|account| session.is_current(account)).ok_or_else(invalid)?;
    let member = tokens::member_of(api, session.organisation, account.id).await?;

    let key = session.key.unwrap_or_else(tokens::new_key);
    let next = RefreshToken::new(id, key);
    let (old, new) = (
        presented.secret,
        Next {
            token: next.secret.hash(),
            key,
        },
    );
    let (now, life) = (api.now(), Duration::from_secs(api.config.session_s));
    let keys = Keys::new().one::<Session>(id);
    let cause = Cause::step("refresh", Uuid::new_v4());
    let reused = api.store.execute::<bool, Refusal, _>(cause, keys, move |work| {
        let session = work.change::<Session>(id).ok_or(Refusal::InvalidRefreshToken)?;
        let reused = session.refresh(old, new, now, life)? == Exchange::Reused;
        if reused {
            let ended = facts::session_ended(session);
            work.emit(ended);
        }
        Ok(reused)
    });
    if reused.await? {
        return Err(tokens::reused(id).into());
    }
    Ok(tokens::issue(api, &account, &member, &next))
}
