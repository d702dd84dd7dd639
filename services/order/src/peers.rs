//! The services that order calls.

use proto::{
    catalog::v1::pricing_service_client::PricingServiceClient, logistics::v1::reservation_service_client::ReservationServiceClient,
    payment::v1::intent_service_client::IntentServiceClient,
};
use runtime::{Error, Organisations, Peer, Start};

use crate::config::Config;

/// Connections to identity, catalog, logistics and payment. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Peers {
    pub(crate) organisations: Organisations,
    pub(crate) catalog: PricingServiceClient<Peer>,
    pub(crate) logistics: ReservationServiceClient<Peer>,
    pub(crate) payment: IntentServiceClient<Peer>,
}

impl Peers {
    pub(crate) fn connect(start: &Start<Config>) -> Result<Self, Error> {
        Ok(Self {
            organisations: Organisations::of(start.peer("identity")?),
            catalog: PricingServiceClient::new(start.peer("catalog")?),
            logistics: ReservationServiceClient::new(start.peer("logistics")?),
            payment: IntentServiceClient::new(start.peer("payment")?),
        })
    }
}
