//! Lists a product, as a draft or at once on the market.

use ::store::Cause;
use kernel::{ProductId, StoreId};
use proto::catalog::v1;
use runtime::{
    Violations,
    auth::{Principal, principal},
};
use tonic::{Request, Status};

use super::{Api, writing};
use crate::{
    domain::{Event, Listing, Product, Refusal, State, rating::Rating},
    wire::listing::Words,
};

pub(super) async fn handle(api: &Api, request: &Request<v1::CreateProductRequest>) -> Result<v1::Product, Status> {
    let principal = principal(request)?;
    let request = request.get_ref();
    let cause = Cause::request(principal.organisation, "CreateProduct", &request.request_id, request);
    list(api, &principal, cause, request).await
}

/// Lists a product for whatever reason.
pub(super) async fn list(
    api: &Api,
    principal: &Principal,
    cause: Cause,
    request: &v1::CreateProductRequest,
) -> Result<v1::Product, Status> {
    let now = api.now();
    let mut check = Violations::new();
    let shop = check.id::<StoreId>("store_id", &request.store_id);
    let listing = words(request).listing(&mut check, &[], now);
    let shop = check.finish(shop)?;
    if let Err(refused) = must_be_possible(api, principal, &listing, shop).await {
        // It may have been possible when it came first.
        return api.store.recorded(cause).await?.ok_or(refused);
    }

    let product = Product {
        id: ProductId::at(now),
        shop,
        owner: principal.organisation,
        state: if request.publish { State::Published } else { State::Draft },
        listing,
        rating: Rating::default(),
        created: now,
        updated: now,
    };
    let keys = writing::keys(product.id, shop, product.listing.variants.iter());
    let listed = api.store.execute::<v1::Product, Refusal, _>(cause, keys, move |work| {
        writing::hand_over_skus(work, &product, &[])?;
        work.insert(product.clone());
        writing::tell(work, Some(Event::ProductCreated), product.id)
    });
    let listed = listed.await?;
    api.product_written(&listed);
    Ok(listed)
}

async fn must_be_possible(api: &Api, principal: &Principal, listing: &Listing, shop: StoreId) -> Result<(), Status> {
    api.must_own(shop, principal).await?;
    api.must_be_sound("", listing, shop).await
}

fn words(request: &v1::CreateProductRequest) -> Words<'_> {
    Words {
        prefix: "",
        category_id: &request.category_id,
        title: &request.title,
        description: &request.description,
        brand: &request.brand,
        attributes: &request.attributes,
        option_names: &request.option_names,
        variants: &request.variants,
    }
}
