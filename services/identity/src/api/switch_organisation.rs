//! Acts for another organisation, in a session of its own.

use std::time::Duration;

use kernel::{OrganisationId, SessionId};
use proto::identity::v1::{SwitchOrganisationRequest, Tokens};
use runtime::{Problem, Violations, auth::principal};
use store::{Cause, Keys};
use tonic::{Request, Status};

use super::{
    Api,
    tokens::{self, RefreshToken},
};
use crate::domain::{Account, Refusal, Session};

pub(super) async fn handle(api: &Api, request: &Request<SwitchOrganisationRequest>) -> Result<Tokens, Status> {
    let principal = principal(request)?;
    let mut check = Violations::new();
    let organisation = check.id::<OrganisationId>("organisation_id", &request.get_ref().organisation_id);
    check.check()?;
    let organisation = organisation.expect("a missing id ended the request");
    let role = tokens::role_in(api, organisation, principal.account).await?;
    let account = api
        .store
        .get::<Account>(principal.account)
        .await?
        .ok_or_else(|| Problem::not_found("account"))?;

    let now = api.now();
    let refresh = RefreshToken::new(SessionId::at(now));
    let session = Session {
        id: refresh.session,
        account: account.id,
        organisation,
        token: refresh.hash(),
        expires: now.plus(Duration::from_secs(api.config.session_s)),
        ended: false,
    };
    let keys = Keys::new().one::<Session>(session.id);
    let cause = Cause::step("switch_organisation", session.id);
    api.store
        .execute::<(), Refusal, _>(cause, keys, move |work| Ok(work.insert(session.clone())))
        .await?;
    Ok(tokens::issue(api, &account, organisation, role, &refresh))
}
