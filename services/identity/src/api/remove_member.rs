//! Removes a member, or lets the caller leave.

use kernel::{AccountId, OrganisationId};
use proto::identity::v1::RemoveMemberRequest;
use runtime::{Problem, Violations, auth::principal};
use store::{Cause, Keys};
use tonic::{Request, Status};

use super::{Api, manager, must_act_for};
use crate::{
    domain::{Membership, Organisation, Refusal},
    store::facts,
};

pub(super) async fn handle(api: &Api, request: &Request<RemoveMemberRequest>) -> Result<(), Status> {
    let principal = principal(request)?;
    let request = request.get_ref();
    let mut check = Violations::new();
    let id = check.id::<OrganisationId>("organisation_id", &request.organisation_id);
    let account = check.id::<AccountId>("account_id", &request.account_id);
    let (id, account) = check.finish((id, account))?;
    if account != principal.account && !principal.may("organisation.write") {
        return Err(Problem::permission_denied("removing somebody else needs the scope organisation.write").into());
    }
    must_act_for(&principal, id)?;

    let cause = Cause::request(principal.organisation, "RemoveMember", &request.request_id, request);
    let key = Membership::id_of(id, account);
    let by = Membership::id_of(id, principal.account);
    let keys = Keys::new().one::<Organisation>(id).one::<Membership>(key).one::<Membership>(by);
    let removed = api.store.execute::<(), Refusal, _>(cause, keys, move |work| {
        let by = manager(work, by)?;
        let mut member = Membership::clone(work.get(key).ok_or(Refusal::NoSuchMember)?);
        work.change::<Organisation>(id)
            .ok_or(Refusal::NoSuchMember)?
            .leave(&by, &mut member)?;
        *work.change::<Membership>(key).ok_or(Refusal::NoSuchMember)? = member.clone();
        work.emit(facts::member_removed(&member));
        Ok(())
    });
    Ok(removed.await?)
}
