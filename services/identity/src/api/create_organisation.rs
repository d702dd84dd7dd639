//! Opens an organisation with the caller as its owner.

use kernel::OrganisationId;
use proto::identity::v1::{CreateOrganisationRequest, Organisation as OrganisationMessage};
use runtime::{Violations, auth::principal};
use store::{Cause, Keys, Stored};
use tonic::{Request, Status};

use super::{Api, present};
use crate::{
    domain::{Membership, Organisation, Refusal, Role, membership::MOST_FOUNDED},
    store::{
        facts,
        membership::{count, of_account},
    },
};

pub(super) async fn handle(api: &Api, request: &Request<CreateOrganisationRequest>) -> Result<OrganisationMessage, Status> {
    let principal = principal(request)?;
    let request = request.get_ref();
    let mut check = Violations::new();
    let name = check.line("name", &request.name, 1..=200);
    let country = check.country("country", &request.country);
    check.finish(())?;

    let full = count(&api.store, of_account(principal.account)).await? >= MOST_FOUNDED;
    let now = api.now();
    let cause = Cause::request(principal.organisation, "CreateOrganisation", &request.request_id, request);
    let organisation = Organisation {
        id: OrganisationId::at(now),
        name,
        country,
        personal: false,
        owners: 1,
        created: now,
    };
    let founder = Membership::new(organisation.id, principal.account, Role::Owner, now);
    let keys = Keys::new().one::<Organisation>(organisation.id).one::<Membership>(founder.id);
    let opened = api.store.execute::<OrganisationMessage, Refusal, _>(cause, keys, move |work| {
        if full {
            return Err(Refusal::TooManyOrganisations);
        }
        work.insert(organisation.clone());
        work.insert(founder.clone());
        work.emit(facts::organisation_created(&organisation, founder.account));
        Ok(present::organisation(&Stored::first(organisation.clone())))
    });
    Ok(opened.await?)
}
