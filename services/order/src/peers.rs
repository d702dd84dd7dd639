//! The services that order calls.

use proto::{
    catalog::v1::pricing_service_client::PricingServiceClient, logistics::v1::reservation_service_client::ReservationServiceClient,
    payment::v1::intent_service_client::IntentServiceClient,
};
use runtime::{Error, Organisations, Peer, Start};

use crate::config::Config;

/// What they are called.
pub(crate) const NAMES: [&str; 4] = ["identity", "catalog", "logistics", "payment"];

/// Connections to them. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Peers {
    pub(crate) organisations: Organisations,
    pub(crate) catalog: PricingServiceClient<Peer>,
    pub(crate) logistics: ReservationServiceClient<Peer>,
    pub(crate) payment: IntentServiceClient<Peer>,
}

impl Peers {
    pub(crate) fn connect(start: &Start<Config>) -> Result<Self, Error> {
        let [identity, catalog, logistics, payment] = start.peers(NAMES)?;
        Ok(Self {
            organisations: Organisations::of(identity),
            catalog: PricingServiceClient::new(catalog),
            logistics: ReservationServiceClient::new(logistics),
            payment: IntentServiceClient::new(payment),
        })
    }
}
