//! Identity as other services see it: every organisation exists but one.

use std::net::SocketAddr;

use kernel::OrganisationId;
use proto::identity::v1::{
    AddMemberRequest, ChangeMemberRoleRequest, CreateOrganisationRequest, GetOrganisationRequest, ListMembersRequest, ListMembersResponse,
    Member, Organisation, RemoveMemberRequest,
    organisation_service_server::{OrganisationService, OrganisationServiceServer},
};
use tonic::{Request, Response, Status, service::Routes};
use uuid::Uuid;

use crate::serve;

/// Answers who exists.
pub struct Identity;

impl Identity {
    /// The organisation that does not exist.
    pub fn nobody() -> OrganisationId {
        OrganisationId::from_uuid(Uuid::from_u128(404))
    }

    /// Serves for as long as the test runs.
    pub async fn start() -> SocketAddr {
        serve(Routes::new(OrganisationServiceServer::new(Self))).await
    }
}

fn not_asked<T>() -> Result<Response<T>, Status> {
    Err(Status::unimplemented("no service asks for this"))
}

#[tonic::async_trait]
impl OrganisationService for Identity {
    async fn get_organisation(&self, request: Request<GetOrganisationRequest>) -> Result<Response<Organisation>, Status> {
        let id = request.into_inner().organisation_id;
        if id == Self::nobody().to_string() {
            return Err(Status::not_found("no such organisation"));
        }
        Ok(Response::new(Organisation {
            id,
            ..Organisation::default()
        }))
    }

    async fn create_organisation(&self, _: Request<CreateOrganisationRequest>) -> Result<Response<Organisation>, Status> {
        not_asked()
    }

    async fn add_member(&self, _: Request<AddMemberRequest>) -> Result<Response<Member>, Status> {
        not_asked()
    }

    async fn list_members(&self, _: Request<ListMembersRequest>) -> Result<Response<ListMembersResponse>, Status> {
        not_asked()
    }

    async fn change_member_role(&self, _: Request<ChangeMemberRoleRequest>) -> Result<Response<Member>, Status> {
        not_asked()
    }

    async fn remove_member(&self, _: Request<RemoveMemberRequest>) -> Result<Response<()>, Status> {
        not_asked()
    }
}
