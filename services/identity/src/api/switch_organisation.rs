//! Acts for another organisation, in the same session. The access token says who asks and the refresh token that the session is theirs:
//! either may be stolen alone. Neither is exchanged, so that asking twice is asking once.

use kernel::OrganisationId;
use proto::identity::v1::{SwitchOrganisationRequest, Tokens};
use runtime::{Problem, Violations, auth::principal};
use store::{Cause, Keys};
use tonic::{Request, Status};

use super::{
    Api,
    tokens::{self, RefreshToken},
};
use crate::{
    domain::{Account, Refusal, Session, session::Exchange},
    store::facts,
};

pub(super) async fn handle(api: &Api, request: &Request<SwitchOrganisationRequest>) -> Result<Tokens, Status> {
    let principal = principal(request)?;
    let request = request.get_ref();
    let mut check = Violations::new();
    let organisation = check.id::<OrganisationId>("organisation_id", &request.organisation_id);
    check.require(!request.refresh_token.is_empty(), "refresh_token", "is required");
    let organisation = check.finish(organisation)?;
    let id = principal.session.ok_or(Refusal::SessionEnded).map_err(Problem::from)?;
    let presented = RefreshToken::parse(&request.refresh_token).map_err(Problem::from)?;
    if presented.session != id {
        return Err(Problem::from(Refusal::InvalidRefreshToken).into());
    }
    let member = tokens::member_of(api, organisation, principal.account).await?;
    let account = api
        .store
        .get::<Account>(principal.account)
        .await?
        .ok_or_else(|| Problem::not_found("account"))?;

    let (secret, now, holder) = (presented.secret, api.now(), account.clone());
    let switch = move |work: &mut store::Work| {
        let session = work.change::<Session>(id).filter(|session| session.is_current(&holder));
        let session = session.ok_or(Refusal::SessionEnded)?;
        let reused = session.switch(secret, organisation, now)? == Exchange::Reused;
        if reused {
            let ended = facts::session_ended(session);
            work.emit(ended);
        }
        Ok(reused)
    };
    let keys = Keys::new().one::<Session>(id);
    if api.store.execute::<bool, Refusal, _>(Cause::told_by_rows(), keys, switch).await? {
        return Err(tokens::reused(id).into());
    }
    Ok(tokens::issue(api, &account, &member, &presented))
}
