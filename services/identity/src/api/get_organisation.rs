//! An organisation's public face.

use kernel::OrganisationId;
use proto::identity::v1::{GetOrganisationRequest, Organisation as OrganisationMessage};
use runtime::{Problem, parse_id};
use tonic::Status;

use super::{Api, present};
use crate::domain::Organisation;

pub(super) async fn handle(api: &Api, request: GetOrganisationRequest) -> Result<OrganisationMessage, Status> {
    let id = parse_id::<OrganisationId>("organisation_id", &request.organisation_id)?;
    let organisation = api
        .store
        .get::<Organisation>(id)
        .await?
        .ok_or_else(|| Problem::not_found("organisation"))?;
    Ok(present::organisation(&organisation))
}
