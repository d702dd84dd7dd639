//! The verbs of the catalog: one RPC a file.

mod add_import_rows;
mod archive_product;
mod complete_import;
mod create_buyer_review;
mod create_category;
mod create_import;
mod create_product;
mod create_review;
mod create_store;
mod encoded;
mod encoding;
mod get_buyer_rating;
mod get_category;
mod get_import;
mod get_product;
mod get_review;
mod get_seller_rating;
mod get_store;
mod import_row;
mod list_buyer_reviews;
mod list_categories;
mod list_products;
mod list_rejected_rows;
mod list_reviews;
mod list_stores;
mod mask;
mod price_lines;
mod publish_product;
mod rating;
mod reply_to_review;
mod search_products;
mod transition;
mod update_category;
mod update_product;
mod update_store;
mod writing;

use ::store::{Store, Stored};
use kernel::{ImportId, OrganisationId, ProductId, StoreId, Time};
use proto::catalog::v1::{
    self, category_service_server::CategoryService, import_service_server::ImportService, pricing_service_server::PricingService,
    product_service_server::ProductService, review_service_server::ReviewService, search_service_server::SearchService,
    store_service_server::StoreService,
};
use runtime::{
    Problem, Violations,
    auth::{Caller, Principal, caller},
};
use tonic::{Request, Response, Status};

pub(crate) use self::encoding::Encoding;
use crate::{
    cache::Cache,
    domain::{Fault, Listing, Refusal, category, import::Import},
    search::{Index, Turns},
    wire,
};

/// What every handler works with.
pub(crate) struct Api {
    store: Store,
    cache: Cache,
    index: Index,
    turns: Turns,
}

impl Api {
    pub(crate) fn new(store: Store, cache: Cache, index: Index) -> Self {
        Self {
            store,
            cache,
            index,
            turns: Turns::new(),
        }
    }

    fn now(&self) -> Time {
        self.store.clock().now()
    }

    /// Only its owner changes what is in a store.
    async fn must_own(&self, id: StoreId, principal: &Principal) -> Result<(), Status> {
        let shop = self.cache.shop(id).await?.ok_or_else(|| Problem::not_found("store"))?;
        if shop.owner == principal.organisation {
            Ok(())
        } else {
            Err(Problem::from(Refusal::Foreign("store")).into())
        }
    }

    /// An import of the principal's; to others there is none.
    async fn own_import(&self, id: ImportId, principal: &Principal) -> Result<Stored<Import>, Status> {
        let import = self.store.get::<Import>(id).await?;
        let import = import.filter(|import| import.owner == principal.organisation);
        Ok(import.ok_or_else(|| Problem::not_found("import"))?)
    }

    /// Refuses a listing that breaks rules, its fields named under this prefix.
    async fn must_be_sound(&self, prefix: &str, listing: &Listing, shop: StoreId) -> Result<(), Status> {
        let mut check = Violations::new();
        for fault in self.faults(listing, shop).await? {
            check.add(format!("{prefix}{}", fault.field), fault.reason);
        }
        Ok(check.finish(())?)
    }

    /// Every rule that a listing in this store breaks: those of all listings, and those of its category as it is now.
    async fn faults(&self, listing: &Listing, shop: StoreId) -> Result<Vec<Fault>, Status> {
        let shop = self.cache.shop(shop).await?.ok_or_else(|| Problem::not_found("store"))?;
        let mut faults = listing.faults(shop.currency);
        faults.extend(wire::product::oversize(listing));
        if let Some(category) = listing.category {
            match self.cache.category_path(category).await? {
                Some(path) => faults.extend(category::faults(
                    &path.iter().map(|category| &***category).collect::<Vec<_>>(),
                    listing,
                )),
                None => faults.push(Fault::new("category_id", "is no category")),
            }
        }
        Ok(faults)
    }

    /// What is remembered of a product gives way to what was just written.
    fn product_written(&self, product: &v1::Product) {
        let id: ProductId = product.id.parse().expect("we wrote this id");
        self.cache.product_changed(id, wire::product::version_of(product));
    }
}

/// The organisation that the caller acts for, if it is anybody.
fn organisation<T>(request: &Request<T>) -> Option<OrganisationId> {
    match caller(request) {
        Caller::Principal(principal) => Some(principal.organisation),
        Caller::Anonymous | Caller::Service(_) => None,
    }
}

#[tonic::async_trait]
impl CategoryService for Api {
    async fn create_category(&self, request: Request<v1::CreateCategoryRequest>) -> Result<Response<v1::Category>, Status> {
        create_category::handle(self, &request).await.map(Response::new)
    }

    async fn get_category(&self, request: Request<v1::GetCategoryRequest>) -> Result<Response<v1::Category>, Status> {
        get_category::handle(self, request.get_ref()).await.map(Response::new)
    }

    async fn list_categories(&self, request: Request<v1::ListCategoriesRequest>) -> Result<Response<v1::ListCategoriesResponse>, Status> {
        list_categories::handle(self, request.get_ref()).await.map(Response::new)
    }

    async fn update_category(&self, request: Request<v1::UpdateCategoryRequest>) -> Result<Response<v1::Category>, Status> {
        update_category::handle(self, &request).await.map(Response::new)
    }
}

#[tonic::async_trait]
impl StoreService for Api {
    async fn create_store(&self, request: Request<v1::CreateStoreRequest>) -> Result<Response<v1::Store>, Status> {
        create_store::handle(self, &request).await.map(Response::new)
    }

    async fn get_store(&self, request: Request<v1::GetStoreRequest>) -> Result<Response<v1::Store>, Status> {
        get_store::handle(self, request.get_ref()).await.map(Response::new)
    }

    async fn list_stores(&self, request: Request<v1::ListStoresRequest>) -> Result<Response<v1::ListStoresResponse>, Status> {
        list_stores::handle(self, request.get_ref()).await.map(Response::new)
    }

    async fn update_store(&self, request: Request<v1::UpdateStoreRequest>) -> Result<Response<v1::Store>, Status> {
        update_store::handle(self, &request).await.map(Response::new)
    }
}

#[tonic::async_trait]
impl ProductService for Api {
    async fn create_product(&self, request: Request<v1::CreateProductRequest>) -> Result<Response<v1::Product>, Status> {
        create_product::handle(self, &request).await.map(Response::new)
    }

    async fn get_product(&self, request: Request<v1::GetProductRequest>) -> Result<Response<v1::Product>, Status> {
        get_product::handle(self, &request).await?.decode().map(Response::new)
    }

    async fn list_products(&self, request: Request<v1::ListProductsRequest>) -> Result<Response<v1::ListProductsResponse>, Status> {
        list_products::handle(self, &request).await?.decode().map(Response::new)
    }

    async fn update_product(&self, request: Request<v1::UpdateProductRequest>) -> Result<Response<v1::Product>, Status> {
        update_product::handle(self, &request).await.map(Response::new)
    }

    async fn publish_product(&self, request: Request<v1::PublishProductRequest>) -> Result<Response<v1::Product>, Status> {
        publish_product::handle(self, &request).await.map(Response::new)
    }

    async fn archive_product(&self, request: Request<v1::ArchiveProductRequest>) -> Result<Response<v1::Product>, Status> {
        archive_product::handle(self, &request).await.map(Response::new)
    }
}

#[tonic::async_trait]
impl PricingService for Api {
    async fn price_lines(&self, request: Request<v1::PriceLinesRequest>) -> Result<Response<v1::PriceLinesResponse>, Status> {
        price_lines::handle(self, request.get_ref()).await.map(Response::new)
    }
}

#[tonic::async_trait]
impl SearchService for Api {
    async fn search_products(&self, request: Request<v1::SearchProductsRequest>) -> Result<Response<v1::SearchProductsResponse>, Status> {
        search_products::handle(self, request.into_inner())
            .await?
            .decode()
            .map(Response::new)
    }
}

#[tonic::async_trait]
impl ReviewService for Api {
    async fn create_review(&self, request: Request<v1::CreateReviewRequest>) -> Result<Response<v1::Review>, Status> {
        create_review::handle(self, &request).await.map(Response::new)
    }

    async fn get_review(&self, request: Request<v1::GetReviewRequest>) -> Result<Response<v1::Review>, Status> {
        get_review::handle(self, request.get_ref()).await.map(Response::new)
    }

    async fn list_reviews(&self, request: Request<v1::ListReviewsRequest>) -> Result<Response<v1::ListReviewsResponse>, Status> {
        list_reviews::handle(self, request.get_ref()).await.map(Response::new)
    }

    async fn reply_to_review(&self, request: Request<v1::ReplyToReviewRequest>) -> Result<Response<v1::Review>, Status> {
        reply_to_review::handle(self, &request).await.map(Response::new)
    }

    async fn get_seller_rating(&self, request: Request<v1::GetSellerRatingRequest>) -> Result<Response<v1::Rating>, Status> {
        get_seller_rating::handle(self, request.get_ref()).await.map(Response::new)
    }

    async fn create_buyer_review(&self, request: Request<v1::CreateBuyerReviewRequest>) -> Result<Response<v1::BuyerReview>, Status> {
        create_buyer_review::handle(self, &request).await.map(Response::new)
    }

    async fn list_buyer_reviews(
        &self,
        request: Request<v1::ListBuyerReviewsRequest>,
    ) -> Result<Response<v1::ListBuyerReviewsResponse>, Status> {
        list_buyer_reviews::handle(self, request.get_ref()).await.map(Response::new)
    }

    async fn get_buyer_rating(&self, request: Request<v1::GetBuyerRatingRequest>) -> Result<Response<v1::Rating>, Status> {
        get_buyer_rating::handle(self, request.get_ref()).await.map(Response::new)
    }
}

#[tonic::async_trait]
impl ImportService for Api {
    async fn create_import(&self, request: Request<v1::CreateImportRequest>) -> Result<Response<v1::Import>, Status> {
        create_import::handle(self, &request).await.map(Response::new)
    }

    async fn add_import_rows(&self, request: Request<v1::AddImportRowsRequest>) -> Result<Response<v1::Import>, Status> {
        add_import_rows::handle(self, &request).await.map(Response::new)
    }

    async fn complete_import(&self, request: Request<v1::CompleteImportRequest>) -> Result<Response<v1::Import>, Status> {
        complete_import::handle(self, &request).await.map(Response::new)
    }

    async fn get_import(&self, request: Request<v1::GetImportRequest>) -> Result<Response<v1::Import>, Status> {
        get_import::handle(self, &request).await.map(Response::new)
    }

    async fn list_rejected_rows(
        &self,
        request: Request<v1::ListRejectedRowsRequest>,
    ) -> Result<Response<v1::ListRejectedRowsResponse>, Status> {
        list_rejected_rows::handle(self, &request).await.map(Response::new)
    }
}
