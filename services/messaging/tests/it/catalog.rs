//! Catalog as messaging sees it: products, and who sells them.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use harness::serve;
use kernel::OrganisationId;
use proto::catalog::v1::{
    ArchiveProductRequest, CreateProductRequest, GetProductRequest, ListProductsRequest, ListProductsResponse, Product,
    PublishProductRequest, UpdateProductRequest,
    product_service_server::{ProductService, ProductServiceServer},
};
use tonic::{Request, Response, Status, service::Routes};

/// Who sells what is on the market, by the product's id.
#[derive(Clone, Default)]
pub(crate) struct Catalog(Arc<Mutex<HashMap<String, OrganisationId>>>);

impl Catalog {
    pub(crate) fn publish(&self, product: &str, seller: OrganisationId) {
        self.0.lock().unwrap().insert(product.to_owned(), seller);
    }

    /// Serves for as long as the test runs.
    pub(crate) async fn start(&self) -> SocketAddr {
        serve(Routes::new(ProductServiceServer::new(self.clone()))).await
    }
}

fn not_asked<T>() -> Result<Response<T>, Status> {
    Err(Status::unimplemented("messaging does not ask for this"))
}

#[tonic::async_trait]
impl ProductService for Catalog {
    async fn get_product(&self, request: Request<GetProductRequest>) -> Result<Response<Product>, Status> {
        let id = request.into_inner().product_id;
        let seller = self.0.lock().unwrap().get(&id).copied();
        let owner_id = seller.ok_or_else(|| Status::not_found("no such product"))?.to_string();
        Ok(Response::new(Product {
            id,
            owner_id,
            ..Product::default()
        }))
    }

    async fn create_product(&self, _: Request<CreateProductRequest>) -> Result<Response<Product>, Status> {
        not_asked()
    }

    async fn list_products(&self, _: Request<ListProductsRequest>) -> Result<Response<ListProductsResponse>, Status> {
        not_asked()
    }

    async fn update_product(&self, _: Request<UpdateProductRequest>) -> Result<Response<Product>, Status> {
        not_asked()
    }

    async fn publish_product(&self, _: Request<PublishProductRequest>) -> Result<Response<Product>, Status> {
        not_asked()
    }

    async fn archive_product(&self, _: Request<ArchiveProductRequest>) -> Result<Response<Product>, Status> {
        not_asked()
    }
}
