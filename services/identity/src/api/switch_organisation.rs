//! Acts for another organisation, in a session of its own.

use kernel::OrganisationId;
use proto::identity::v1::{SwitchOrganisationRequest, Tokens};
use runtime::{Problem, Violations, auth::principal};
use tonic::{Request, Status};

use super::{Api, tokens};
use crate::domain::Account;

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
    Ok(tokens::begin(api, &account, organisation, role).await?)
}
