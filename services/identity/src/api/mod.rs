//! The verbs of identity: one RPC a file. Beside them, `tokens` is what those
//! share that hand out tokens, and `present` writes nouns as the protos do.

mod add_member;
mod change_member_role;
mod create_organisation;
mod get_jwks;
mod get_me;
mod get_organisation;
mod list_members;
mod present;
mod refresh;
pub(crate) mod register;
mod remove_member;
mod sign_in;
mod sign_out;
mod switch_organisation;
mod tokens;

use std::time::Duration;

use kernel::{OrganisationId, Time};
use proto::identity::v1::{
    self as v1, account_service_server::AccountService, key_service_server::KeyService, organisation_service_server::OrganisationService,
    session_service_server::SessionService,
};
use runtime::{Problem, Settings, auth::Principal};
use store::{Store, Work};
use tonic::{Request, Response, Status};

use crate::{
    Config,
    domain::{Email, Membership, Refusal, membership::MembershipId},
    keyring::Keyring,
    passwords::Passwords,
    strangers::Strangers,
};

/// What every handler works with.
pub(crate) struct Api {
    store: Store,
    keyring: Keyring,
    passwords: Passwords,
    strangers: Strangers,
    issuer: String,
    /// How long an access token lives.
    token_life: Duration,
    operators: Vec<Email>,
    config: Config,
}

impl Api {
    pub(crate) fn new(
        store: Store,
        keyring: Keyring,
        passwords: Passwords,
        settings: &Settings,
        operators: Vec<Email>,
        config: Config,
    ) -> Self {
        Self {
            store,
            keyring,
            passwords,
            strangers: Strangers::new(),
            issuer: settings.token_issuer.clone(),
            token_life: Duration::from_secs(settings.access_token_s),
            operators,
            config,
        }
    }

    fn now(&self) -> Time {
        self.store.clock().now()
    }
}

/// Only those who act for an organisation know its members; to others there is no such organisation.
fn must_act_for(principal: &Principal, organisation: OrganisationId) -> Result<(), Problem> {
    if principal.organisation == organisation {
        Ok(())
    } else {
        Err(Problem::not_found("organisation"))
    }
}

/// The membership by which somebody changes members. One who was never a member is as good as one who is no more.
fn manager(work: &Work, by: MembershipId) -> Result<Membership, Refusal> {
    work.get::<Membership>(by)
        .map(|stored| Membership::clone(stored))
        .ok_or(Refusal::MayNotManage)
}

#[tonic::async_trait]
impl AccountService for Api {
    async fn register(&self, request: Request<v1::RegisterRequest>) -> Result<Response<v1::Account>, Status> {
        register::handle(self, request.into_inner()).await.map(Response::new)
    }

    async fn get_me(&self, request: Request<v1::GetMeRequest>) -> Result<Response<v1::Me>, Status> {
        get_me::handle(self, &request).await.map(Response::new)
    }
}

#[tonic::async_trait]
impl SessionService for Api {
    async fn sign_in(&self, request: Request<v1::SignInRequest>) -> Result<Response<v1::Tokens>, Status> {
        sign_in::handle(self, request.into_inner()).await.map(Response::new)
    }

    async fn refresh(&self, request: Request<v1::RefreshRequest>) -> Result<Response<v1::Tokens>, Status> {
        refresh::handle(self, request.into_inner()).await.map(Response::new)
    }

    async fn switch_organisation(&self, request: Request<v1::SwitchOrganisationRequest>) -> Result<Response<v1::Tokens>, Status> {
        switch_organisation::handle(self, &request).await.map(Response::new)
    }

    async fn sign_out(&self, request: Request<v1::SignOutRequest>) -> Result<Response<()>, Status> {
        sign_out::handle(self, request.into_inner()).await.map(Response::new)
    }
}

#[tonic::async_trait]
impl OrganisationService for Api {
    async fn create_organisation(&self, request: Request<v1::CreateOrganisationRequest>) -> Result<Response<v1::Organisation>, Status> {
        create_organisation::handle(self, &request).await.map(Response::new)
    }

    async fn get_organisation(&self, request: Request<v1::GetOrganisationRequest>) -> Result<Response<v1::Organisation>, Status> {
        get_organisation::handle(self, request.into_inner()).await.map(Response::new)
    }

    async fn add_member(&self, request: Request<v1::AddMemberRequest>) -> Result<Response<v1::Member>, Status> {
        add_member::handle(self, &request).await.map(Response::new)
    }

    async fn list_members(&self, request: Request<v1::ListMembersRequest>) -> Result<Response<v1::ListMembersResponse>, Status> {
        list_members::handle(self, &request).await.map(Response::new)
    }

    async fn change_member_role(&self, request: Request<v1::ChangeMemberRoleRequest>) -> Result<Response<v1::Member>, Status> {
        change_member_role::handle(self, &request).await.map(Response::new)
    }

    async fn remove_member(&self, request: Request<v1::RemoveMemberRequest>) -> Result<Response<()>, Status> {
        remove_member::handle(self, &request).await.map(Response::new)
    }
}

#[tonic::async_trait]
impl KeyService for Api {
    async fn get_jwks(&self, _: Request<v1::GetJwksRequest>) -> Result<Response<v1::Jwks>, Status> {
        Ok(Response::new(get_jwks::handle(self)))
    }
}
