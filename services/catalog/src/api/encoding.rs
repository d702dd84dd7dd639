//! The product service's door for what is read most: products and pages go out as the bytes that the cache has, without being built and encoded again.
//! Everything else goes on to the generated service.

use std::{
    convert::Infallible,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use proto::catalog::v1::{GetProductRequest, ListProductsRequest, product_service_server::ProductServiceServer};
use tonic::{
    Request, Response, Status,
    body::Body,
    server::{Grpc, NamedService, UnaryService},
};
use tonic_prost::ProstCodec;
use tower::Service;

use super::{Api, encoded::Encoded, get_product, list_products};

type Answer<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// [`ProductServiceServer`] with shortcuts.
#[derive(Clone)]
pub(crate) struct Encoding {
    api: Arc<Api>,
    generated: ProductServiceServer<Api>,
}

impl Encoding {
    pub(crate) fn new(api: Arc<Api>) -> Self {
        let generated = ProductServiceServer::from_arc(Arc::clone(&api));
        Self { api, generated }
    }
}

impl NamedService for Encoding {
    const NAME: &'static str = <ProductServiceServer<Api> as NamedService>::NAME;
}

impl Service<http::Request<Body>> for Encoding {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Answer<Result<http::Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let api = Arc::clone(&self.api);
        match request.uri().path() {
            "/tradewind.catalog.v1.ProductService/GetProduct" => Box::pin(async move {
                let codec = ProstCodec::<Encoded, GetProductRequest>::default();
                Ok(Grpc::new(codec).unary(GetProduct(api), request).await)
            }),
            "/tradewind.catalog.v1.ProductService/ListProducts" => Box::pin(async move {
                let codec = ProstCodec::<Encoded, ListProductsRequest>::default();
                Ok(Grpc::new(codec).unary(ListProducts(api), request).await)
            }),
            _ => self.generated.call(request),
        }
    }
}

struct GetProduct(Arc<Api>);

impl UnaryService<GetProductRequest> for GetProduct {
    type Response = Encoded;
    type Future = Answer<Result<Response<Encoded>, Status>>;

    fn call(&mut self, request: Request<GetProductRequest>) -> Self::Future {
        let api = Arc::clone(&self.0);
        Box::pin(async move { get_product::handle(&api, &request).await.map(Response::new) })
    }
}

struct ListProducts(Arc<Api>);

impl UnaryService<ListProductsRequest> for ListProducts {
    type Response = Encoded;
    type Future = Answer<Result<Response<Encoded>, Status>>;

    fn call(&mut self, request: Request<ListProductsRequest>) -> Self::Future {
        let api = Arc::clone(&self.0);
        Box::pin(async move { list_products::handle(&api, &request).await.map(Response::new) })
    }
}
