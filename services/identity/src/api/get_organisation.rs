//! An organisation's public face.

use kernel::OrganisationId;
use proto::identity::v1::{GetOrganisationRequest, Organisation as OrganisationMessage};
use runtime::{Problem, Violations};
use tonic::Status;

use super::{Api, present};
use crate::domain::Organisation;

pub(super) async fn handle(api: &Api, request: GetOrganisationRequest) -> Result<OrganisationMessage, Status> {
    let mut check = Violations::new();
    let id = check.id::<OrganisationId>("organisation_id", &request.organisation_id);
    check.check()?;
    let id = id.expect("a missing id ended the request");
    let organisation = api
        .store
        .get::<Organisation>(id)
        .await?
        .ok_or_else(|| Problem::not_found("organisation"))?;
    Ok(present::organisation(&organisation))
}
