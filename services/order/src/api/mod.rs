//! The verbs of order: one RPC a file. What several of them share: `read` finds what the caller may know of, `present` says it, `pricing`
//! asks catalog, `side` reads lists, and `end_quotation` is what declining and withdrawing have in common.

mod accept_order;
mod cancel_order;
mod create_checkout;
mod create_quotation;
mod decline_quotation;
mod end_quotation;
mod get_cart;
mod get_checkout;
mod get_order;
mod get_quotation;
mod get_timeline;
mod list_orders;
mod list_quotations;
mod present;
mod pricing;
mod read;
mod set_cart_line;
mod side;
mod withdraw_quotation;

use ::store::Store;
use kernel::Time;
use proto::order::v1::{
    self as v1, cart_service_server::CartService, checkout_service_server::CheckoutService, order_service_server::OrderService,
    quotation_service_server::QuotationService,
};
use tonic::{Request, Response, Status};

use crate::{config::Terms, peers::Peers, saga::Saga};

/// What every handler works with.
pub(crate) struct Api {
    store: Store,
    peers: Peers,
    saga: Saga,
    terms: Terms,
}

impl Api {
    pub(crate) fn new(store: Store, peers: Peers, saga: Saga, terms: Terms) -> Self {
        Self { store, peers, saga, terms }
    }

    fn now(&self) -> Time {
        self.store.clock().now()
    }
}

#[tonic::async_trait]
impl CartService for Api {
    async fn get_cart(&self, request: Request<v1::GetCartRequest>) -> Result<Response<v1::Cart>, Status> {
        get_cart::handle(self, &request).await.map(Response::new)
    }

    async fn set_cart_line(&self, request: Request<v1::SetCartLineRequest>) -> Result<Response<v1::Cart>, Status> {
        set_cart_line::handle(self, &request).await.map(Response::new)
    }
}

#[tonic::async_trait]
impl QuotationService for Api {
    async fn create_quotation(&self, request: Request<v1::CreateQuotationRequest>) -> Result<Response<v1::Quotation>, Status> {
        create_quotation::handle(self, &request).await.map(Response::new)
    }

    async fn get_quotation(&self, request: Request<v1::GetQuotationRequest>) -> Result<Response<v1::Quotation>, Status> {
        get_quotation::handle(self, &request).await.map(Response::new)
    }

    async fn list_quotations(&self, request: Request<v1::ListQuotationsRequest>) -> Result<Response<v1::ListQuotationsResponse>, Status> {
        list_quotations::handle(self, &request).await.map(Response::new)
    }

    async fn withdraw_quotation(&self, request: Request<v1::WithdrawQuotationRequest>) -> Result<Response<v1::Quotation>, Status> {
        withdraw_quotation::handle(self, &request).await.map(Response::new)
    }

    async fn decline_quotation(&self, request: Request<v1::DeclineQuotationRequest>) -> Result<Response<v1::Quotation>, Status> {
        decline_quotation::handle(self, &request).await.map(Response::new)
    }
}

#[tonic::async_trait]
impl CheckoutService for Api {
    async fn create_checkout(&self, request: Request<v1::CreateCheckoutRequest>) -> Result<Response<v1::Checkout>, Status> {
        create_checkout::handle(self, &request).await.map(Response::new)
    }

    async fn get_checkout(&self, request: Request<v1::GetCheckoutRequest>) -> Result<Response<v1::Checkout>, Status> {
        get_checkout::handle(self, &request).await.map(Response::new)
    }
}

#[tonic::async_trait]
impl OrderService for Api {
    async fn get_order(&self, request: Request<v1::GetOrderRequest>) -> Result<Response<v1::Order>, Status> {
        get_order::handle(self, &request).await.map(Response::new)
    }

    async fn list_orders(&self, request: Request<v1::ListOrdersRequest>) -> Result<Response<v1::ListOrdersResponse>, Status> {
        list_orders::handle(self, &request).await.map(Response::new)
    }

    async fn cancel_order(&self, request: Request<v1::CancelOrderRequest>) -> Result<Response<v1::Order>, Status> {
        cancel_order::handle(self, &request).await.map(Response::new)
    }

    async fn accept_order(&self, request: Request<v1::AcceptOrderRequest>) -> Result<Response<v1::Order>, Status> {
        accept_order::handle(self, &request).await.map(Response::new)
    }

    async fn get_timeline(&self, request: Request<v1::GetTimelineRequest>) -> Result<Response<v1::Timeline>, Status> {
        get_timeline::handle(self, &request).await.map(Response::new)
    }
}
