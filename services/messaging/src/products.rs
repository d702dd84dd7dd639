//! Whose products there are: only catalog knows.

use std::time::Duration;

use kernel::{OrganisationId, ProductId};
use proto::catalog::v1::{GetProductRequest, product_service_client::ProductServiceClient};
use runtime::{Peer, Problem};
use tonic::Code;

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
    /// A field violation when there is no such product, when it is not published, and when somebody else sells it; unavailability when catalog does not say.
    pub(crate) async fn must_be_of(&self, field: &str, product: ProductId, sellers: [OrganisationId; 2]) -> Result<(), Problem> {
        let request = GetProductRequest {
            product_id: product.to_string(),
        };
        let mut catalog = self.catalog.clone();
        let nobodys = || Problem::invalid_field(field, "names no product on the market that one of the two organisations sells");
        match tokio::time::timeout(PATIENCE, catalog.get_product(request)).await {
            Ok(Ok(found)) => {
                let owner = found.into_inner().owner_id;
                let sold = sellers.iter().any(|seller| seller.to_string() == owner);
                if sold { Ok(()) } else { Err(nobodys()) }
            }
            Ok(Err(status)) if status.code() == Code::NotFound => Err(nobodys()),
            Ok(Err(status)) => {
                tracing::warn!(%status, "catalog does not say who sells a product");
                Err(unknown(field))
            }
            Err(_) => Err(unknown(field)),
        }
    }
}

fn unknown(field: &str) -> Problem {
    Problem::unavailable(format!("who sells what {field} names cannot be found out at the moment"))
}
