//! Who may be paid: only identity knows which organisations there are.

use std::time::Duration;

use kernel::OrganisationId;
use proto::identity::v1::{GetOrganisationRequest, organisation_service_client::OrganisationServiceClient};
use runtime::{Peer, Problem};
use tonic::Code;

/// How long identity has to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// Asks identity.
pub(crate) struct Payees {
    identity: OrganisationServiceClient<Peer>,
}

impl Payees {
    pub(crate) fn of(identity: Peer) -> Self {
        Self {
            identity: OrganisationServiceClient::new(identity),
        }
    }

    /// # Errors
    /// A field violation when there is no such organisation, and unavailability when identity does not say.
    pub(crate) async fn must_exist(&self, field: &str, organisation: OrganisationId) -> Result<(), Problem> {
        let request = GetOrganisationRequest {
            organisation_id: organisation.to_string(),
        };
        let mut identity = self.identity.clone();
        match tokio::time::timeout(PATIENCE, identity.get_organisation(request)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(status)) if status.code() == Code::NotFound => Err(Problem::invalid_field(field, "names no organisation")),
            Ok(Err(status)) => {
                tracing::warn!(%status, "identity does not say whether an organisation exists");
                Err(unknown())
            }
            Err(_) => Err(unknown()),
        }
    }
}

fn unknown() -> Problem {
    Problem::unavailable("whether the recipient exists cannot be found out at the moment")
}
