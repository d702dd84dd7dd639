//! What the gateway costs: a product read through it, to be measured with any HTTP load generator.
//!
//! ```text
//! cargo run --release -p gateway --example cost -- service 7001
//! cargo run --release -p gateway --example cost -- gateway 7000 7001
//! wrk -t2 -c64 -d10 http://127.0.0.1:7000/v1/products/prd_1
//! ```
//!
//! The service answers at once from memory, so that nearly all that is measured is HTTP, gRPC and the codec.

use std::sync::Arc;

use anyhow::{Context, bail};
use gateway::Config;
use proto::{
    catalog::v1::{
        ArchiveProductRequest, CreateProductRequest, GetProductRequest, ListProductsRequest, ListProductsResponse, PriceTier, Product,
        PublishProductRequest, UpdateProductRequest, Variant,
        product_service_server::{ProductService, ProductServiceServer},
    },
    money::v1::Money,
};
use runtime::{Settings, Start, SystemClock};
use tonic::{Request, Response, Status, transport::Server};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["service", port] => {
            let address = format!("127.0.0.1:{port}").parse().context("a port")?;
            let products = ProductServiceServer::new(Products(product()));
            Ok(Server::builder().add_service(products).serve(address).await?)
        }
        ["gateway", port, service] => {
            let settings = Settings {
                listen: format!("127.0.0.1:{port}").parse().context("a port")?,
                peers: [("catalog".to_owned(), format!("http://127.0.0.1:{service}"))].into(),
                ..Settings::default()
            };
            let config = Config {
                requests_per_second_per_address: 0,
                requests_per_second_per_principal: 0,
                ..Config::default()
            };
            Ok(gateway::run(Start::new("gateway", settings, config, Arc::new(SystemClock)).await?).await?)
        }
        _ => bail!("service <port>, or gateway <port> <port of the service>"),
    }
}

struct Products(Product);

#[tonic::async_trait]
impl ProductService for Products {
    async fn get_product(&self, _: Request<GetProductRequest>) -> Result<Response<Product>, Status> {
        Ok(Response::new(self.0.clone()))
    }

    async fn create_product(&self, request: Request<CreateProductRequest>) -> Result<Response<Product>, Status> {
        let CreateProductRequest { title, variants, .. } = request.into_inner();
        Ok(Response::new(Product {
            title,
            variants,
            ..self.0.clone()
        }))
    }

    async fn list_products(&self, _: Request<ListProductsRequest>) -> Result<Response<ListProductsResponse>, Status> {
        let products = vec![self.0.clone(); 20];
        Ok(Response::new(ListProductsResponse {
            products,
            next_page_token: String::new(),
        }))
    }

    async fn update_product(&self, _: Request<UpdateProductRequest>) -> Result<Response<Product>, Status> {
        Err(Status::unimplemented("only reads and creations are measured"))
    }

    async fn publish_product(&self, _: Request<PublishProductRequest>) -> Result<Response<Product>, Status> {
        Err(Status::unimplemented("only reads and creations are measured"))
    }

    async fn archive_product(&self, _: Request<ArchiveProductRequest>) -> Result<Response<Product>, Status> {
        Err(Status::unimplemented("only reads and creations are measured"))
    }
}

/// A product like those of the catalog: about 600 bytes of JSON for each variant.
fn product() -> Product {
    let tier = |min_quantity, minor_units| PriceTier {
        min_quantity,
        price: Some(Money {
            minor_units,
            currency: "USD".to_owned(),
        }),
        unit_quantity: 1_000,
    };
    let variant = |at: u8| Variant {
        id: format!("var_{at}"),
        sku: format!("R-{at}-1K"),
        option_values: vec!["1%".to_owned(), "reel of 5,000".to_owned()],
        price_tiers: vec![tier(5_000, 120), tier(50_000, 95), tier(500_000, 70)],
        order_increment: 5_000,
        weight_mg: 2,
        ..Variant::default()
    };
    Product {
        id: "prd_1".to_owned(),
        store_id: "sto_1".to_owned(),
        owner_id: "org_1".to_owned(),
        title: "Thick film chip resistor, 1 kΩ, 0603".to_owned(),
        description: "General purpose resistor for surface mounting, RoHS compliant, on tape and reel.".to_owned(),
        option_names: vec!["tolerance".to_owned(), "packaging".to_owned()],
        variants: vec![variant(1), variant(2)],
        state: 2,
        etag: "7".to_owned(),
        ..Product::default()
    }
}
