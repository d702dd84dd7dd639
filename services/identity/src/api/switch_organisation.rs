//! Acts for another organisation, in the same session.

use std::time::Duration;

use kernel::OrganisationId;
use proto::identity::v1::{SwitchOrganisationRequest, Tokens};
use runtime::{Problem, Violations, auth::principal};
use store::{Cause, Keys};
use tonic::{Request, Status};
use uuid::Uuid;

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
    let id = principal.session.ok_or(Refusal::SessionEnded).map_err(Problem::from)?;
    let role = tokens::role_in(api, organisation, principal.account).await?;
    let account = api
        .store
        .get::<Account>(principal.account)
        .await?
        .ok_or_else(|| Problem::not_found("account"))?;

    let next = RefreshToken::new(id);
    let new = next.hash();
    let (now, life) = (api.now(), Duration::from_secs(api.config.session_s));
    let cause = Cause::step("switch_organisation", Uuid::new_v4());
    let switched = api
        .store
        .execute::<(), Refusal, _>(cause, Keys::new().one::<Session>(id), move |work| {
            let session = work.change::<Session>(id).ok_or(Refusal::SessionEnded)?;
            session.switch(organisation, new, now, life)
        });
    switched.await?;
    Ok(tokens::issue(api, &account, organisation, role, &next))
}
