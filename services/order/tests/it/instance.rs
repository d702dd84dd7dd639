//! A running instance of the service, in a runtime of its own so that a test can end it as a crash would.

use std::{net::SocketAddr, sync::Arc};

use harness::{Authority, Bearer, channel};
use kernel::OrganisationId;
use order::Config;
use proto::order::v1::{
    cart_service_client::CartServiceClient, checkout_service_client::CheckoutServiceClient, order_service_client::OrderServiceClient,
    quotation_service_client::QuotationServiceClient,
};
use runtime::Settings;
use tokio::runtime::Runtime;
use tonic::{Request, service::interceptor::InterceptedService, transport::Channel};

pub(crate) struct Instance {
    address: SocketAddr,
    authority: Arc<Authority>,
    runtime: Option<Runtime>,
}

impl Instance {
    pub(crate) async fn start(authority: Arc<Authority>, settings: Settings, config: Config) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let trusted = Arc::clone(&authority);
        let running = runtime.spawn(async move {
            let start = trusted.start("order", settings, config).await;
            let address = start.address();
            tokio::spawn(async move { order::run(start).await.unwrap() });
            address
        });
        Self {
            address: running.await.unwrap(),
            authority,
            runtime: Some(runtime),
        }
    }

    /// Ends it at once: whatever it was doing stays undone.
    pub(crate) fn crash(mut self) {
        self.end();
    }

    fn end(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// A request of somebody who acts for an organisation with these scopes alone.
    pub(crate) fn signed<T>(&self, organisation: OrganisationId, scopes: &str, message: T) -> Request<T> {
        self.authority.person_with(organisation, scopes, &[], message)
    }

    /// A client that acts for an organisation.
    pub(crate) fn client(&self, organisation: OrganisationId) -> Client {
        self.client_at(self.address, organisation)
    }

    /// As [`Self::client`], by a line to the instance.
    pub(crate) fn client_at(&self, address: SocketAddr, organisation: OrganisationId) -> Client {
        let service = InterceptedService::new(channel(address), self.authority.bearer(organisation));
        Client {
            carts: CartServiceClient::new(service.clone()),
            quotations: QuotationServiceClient::new(service.clone()),
            checkouts: CheckoutServiceClient::new(service.clone()),
            orders: OrderServiceClient::new(service),
        }
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        self.end();
    }
}

type Service = InterceptedService<Channel, Bearer>;

#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) carts: CartServiceClient<Service>,
    pub(crate) quotations: QuotationServiceClient<Service>,
    pub(crate) checkouts: CheckoutServiceClient<Service>,
    pub(crate) orders: OrderServiceClient<Service>,
}
