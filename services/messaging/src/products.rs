//! Whose products there are: only catalog knows.

use std::time::Duration;

use kernel::{OrganisationId, ProductId};
use proto::catalog::v1::{GetProductRequest, product_service_client::ProductServiceClient};
use runtime::{Peer, Problem, peer::ask};

/// How long catalog has to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// Asks catalog about a product whenever one comes up, because it may be taken off the market at any time. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Products {
    catalog: ProductServiceClient<Peer>,
}

impl Products {
    /// As this peer knows them.
    pub(crate) fn of(catalog: Peer) -> Self {
        Self {
            catalog: ProductServiceClient::new(catalog),
        }
    }

    /// Makes sure that a field of a request names a product that one of these two sells.
    ///
    /// # Errors
    /// A field violation when there is no such product, when it is not published, and
    /// when somebody else sells it; unavailability when catalog does not say.
    pub(crate) async fn must_be_of(&self, field: &str, product: ProductId, sellers: [OrganisationId; 2]) -> Result<(), Problem> {
        let request = GetProductRequest {
            product_id: product.to_string(),
        };
        let mut catalog = self.catalog.clone();
        let nobodys = || Problem::invalid_field(field, "names no product on the market that one of the two organisations sells");
        match ask(PATIENCE, catalog.get_product(request)).await {
            Ok(found) if sellers.iter().any(|seller| seller.to_string() == found.owner_id) => Ok(()),
            Ok(_) => Err(nobodys()),
            Err(none) if none.is_not_found() => Err(nobodys()),
            Err(none) => Err(none.unavailable("who sells this product cannot be found out at the moment")),
        }
    }
}
