//! Which organisations there are: only identity knows.

use std::time::Duration;

use kernel::OrganisationId;
use moka::sync::Cache;
use proto::identity::v1::{GetOrganisationRequest, organisation_service_client::OrganisationServiceClient};

use crate::{
    Problem,
    peer::{Peer, ask},
};

/// How long identity has to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// How many organisations are remembered; none ever ceases to exist.
const REMEMBERED: u64 = 10_000;

/// Asks identity about each organisation once. Cheap to clone.
#[derive(Clone)]
pub struct Organisations {
    identity: OrganisationServiceClient<Peer>,
    known: Cache<OrganisationId, ()>,
}

impl Organisations {
    /// As this peer knows them.
    pub fn of(identity: Peer) -> Self {
        Self {
            identity: OrganisationServiceClient::new(identity),
            known: Cache::new(REMEMBERED),
        }
    }

    /// Makes sure that a field of a request names an organisation that exists.
    ///
    /// # Errors
    /// A field violation when there is no such organisation, and unavailability when identity does not say.
    pub async fn must_exist(&self, field: &str, organisation: OrganisationId) -> Result<(), Problem> {
        if self.known.contains_key(&organisation) {
            return Ok(());
        }
        let request = GetOrganisationRequest {
            organisation_id: organisation.to_string(),
        };
        let mut identity = self.identity.clone();
        match ask(PATIENCE, identity.get_organisation(request)).await {
            Ok(_) => Ok(self.known.insert(organisation, ())),
            Err(none) if none.is_not_found() => Err(Problem::invalid_field(field, "names no organisation")),
            Err(none) => Err(none.unavailable("whether there is such an organisation cannot be found out at the moment")),
        }
    }
}
