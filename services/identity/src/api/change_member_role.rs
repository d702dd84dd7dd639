//! Gives a member another role.

use kernel::{AccountId, OrganisationId};
use proto::identity::v1::{ChangeMemberRoleRequest, Member};
use runtime::{Problem, Violations, auth::principal};
use store::{Cause, Keys};
use tonic::{Request, Status};

use super::{Api, manager, must_act_for, present};
use crate::{
    domain::{Account, Membership, Organisation, Refusal},
    store::facts,
};

pub(super) async fn handle(api: &Api, request: &Request<ChangeMemberRoleRequest>) -> Result<Member, Status> {
    let principal = principal(request)?;
    let request = request.get_ref();
    let mut check = Violations::new();
    let id = check.id::<OrganisationId>("organisation_id", &request.organisation_id);
    let account = check.id::<AccountId>("account_id", &request.account_id);
    let role = present::parse_role(request.role());
    check.require(role.is_some(), "role", "is required");
    let (id, account, role) = check.finish((id, account, role))?;
    must_act_for(&principal, id)?;

    let name = api
        .store
        .get::<Account>(account)
        .await?
        .ok_or_else(|| Problem::not_found("member"))?
        .display_name
        .clone();
    let cause = Cause::request(principal.organisation, "ChangeMemberRole", &request.request_id, request);
    let key = Membership::id_of(id, account);
    let by = Membership::id_of(id, principal.account);
    let keys = Keys::new().one::<Organisation>(id).one::<Membership>(key).one::<Membership>(by);
    let changed = api.store.execute::<Member, Refusal, _>(cause, keys, move |work| {
        let by = manager(work, by)?;
        let mut member = Membership::clone(work.get(key).ok_or(Refusal::NoSuchMember)?);
        work.change::<Organisation>(id)
            .ok_or(Refusal::NoSuchMember)?
            .change_role(&by, &mut member, role)?;
        *work.change::<Membership>(key).ok_or(Refusal::NoSuchMember)? = member.clone();
        work.emit(facts::member_role_changed(&member));
        Ok(present::member(&member, &name))
    });
    Ok(changed.await?)
}
