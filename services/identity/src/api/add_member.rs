//! Adds an account to an organisation.

use kernel::OrganisationId;
use proto::identity::v1::{AddMemberRequest, Member};
use runtime::{Violations, auth::principal};
use store::{Cause, Error, Keys};
use tonic::{Request, Status};

use super::{Api, manager, must_act_for, present};
use crate::{
    domain::{
        Email, Membership, Organisation, Refusal,
        membership::{MOST_ADDED, MOST_MEMBERS},
    },
    store::{
        account::with_email,
        facts,
        membership::{count, of_account, of_organisation},
    },
};

pub(super) async fn handle(api: &Api, request: &Request<AddMemberRequest>) -> Result<Member, Status> {
    let principal = principal(request)?;
    let request = request.get_ref();
    let mut check = Violations::new();
    let id = check.id::<OrganisationId>("organisation_id", &request.organisation_id);
    let email = Email::parse(&request.email);
    check.require(email.is_some(), "email", "must be an e-mail address");
    let role = present::parse_role(request.role());
    check.require(role.is_some(), "role", "is required");
    let (id, email, role) = check.finish((id, email, role))?;
    must_act_for(&principal, id)?;

    let account = with_email(&api.store, &email).await?;
    let account = account.ok_or(Error::Refused(Refusal::NoSuchAccount))?;
    let too_many = if count(&api.store, of_account(account.id)).await? >= MOST_ADDED {
        Some(Refusal::TooManyOrganisations)
    } else if count(&api.store, of_organisation(id)).await? >= MOST_MEMBERS {
        Some(Refusal::TooManyMembers)
    } else {
        None
    };
    let now = api.now();
    let cause = Cause::request(principal.organisation, "AddMember", &request.request_id, request);
    let key = Membership::id_of(id, account.id);
    let by = Membership::id_of(id, principal.account);
    let keys = Keys::new().one::<Organisation>(id).one::<Membership>(key).one::<Membership>(by);
    let added = api.store.execute::<Member, Refusal, _>(cause, keys, move |work| {
        let known = work.get::<Membership>(key).map(|stored| Membership::clone(stored));
        let rejoining = known.is_some();
        let mut member = known.unwrap_or_else(|| Membership::new(id, account.id, role, now));
        let by = manager(work, by)?;
        let organisation = work.change::<Organisation>(id).ok_or(Refusal::NoSuchMember)?;
        organisation.join(&by, &mut member, role, rejoining)?;
        too_many.clone().map_or(Ok(()), Err)?;
        match work.change::<Membership>(key) {
            Some(place) => *place = member.clone(),
            None => work.insert(member.clone()),
        }
        work.emit(facts::member_added(&member));
        Ok(present::member(&member, &account.display_name))
    });
    Ok(added.await?)
}
