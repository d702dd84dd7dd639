//! Changes what is said of a product, and its prices.

use ::store::{Cause, Stored, Work};
use kernel::{ProductId, Time, VariantId};
use proto::catalog::v1;
use runtime::{
    Problem, Violations,
    auth::{Principal, principal},
};
use tonic::{Request, Status};

use super::{Api, mask::Mask, writing};
use crate::{
    domain::{Listing, Product, Refusal},
    wire::{self, listing::Words},
};

pub(super) async fn handle(api: &Api, request: &Request<v1::UpdateProductRequest>) -> Result<v1::Product, Status> {
    let principal = principal(request)?;
    let request = request.get_ref();
    let cause = Cause::request(principal.organisation, "UpdateProduct", &request.request_id, request);
    change(api, &principal, cause, request).await
}

/// Changes a product for whatever reason.
pub(super) async fn change(
    api: &Api,
    principal: &Principal,
    cause: Cause,
    request: &v1::UpdateProductRequest,
) -> Result<v1::Product, Status> {
    let mut check = Violations::new();
    let id = check.id::<ProductId>("product_id", &request.product_id);
    let seen = wire::product::revision_seen(&mut check, &request.etag);
    check.require(request.product.is_some(), "product", "is required");
    let id = check.so_far(id)?;

    let revised = api
        .store
        .execute_prepared::<v1::Product, _, _, Status, _>(cause, Refusal::is_race, |_| async move {
            let current = api.store.get::<Product>(id).await?.ok_or_else(|| Problem::not_found("product"))?;
            current.must_be_of(principal.organisation).map_err(Problem::from)?;
            let (listing, now) = (merge(api, request, &current).await?, api.now());
            let variants = current.listing.variants.iter().chain(&listing.variants);
            let keys = writing::keys(id, current.shop, variants);
            Ok((keys, move |work: &mut Work| revise(work, &current, &listing, seen, now)))
        });
    let revised = revised.await?;
    api.product_written(&revised);
    Ok(revised)
}

/// Whether the request says anything else than what is stored.
pub(super) async fn changes(api: &Api, request: &v1::UpdateProductRequest, current: &Stored<Product>) -> Result<bool, Status> {
    Ok(merge(api, request, current).await? != current.listing)
}

/// The listing as the request wants it: what the mask takes from the request, the rest from what is stored.
async fn merge(api: &Api, request: &v1::UpdateProductRequest, current: &Stored<Product>) -> Result<Listing, Status> {
    let new = request.product.clone().unwrap_or_default();
    let mut check = Violations::new();
    let same_store = new.store_id.is_empty() || new.store_id == current.shop.to_string();
    check.require(same_store, "product.store_id", "never changes");
    let fields = [
        ("title", !new.title.is_empty()),
        ("description", !new.description.is_empty()),
        ("brand", !new.brand.is_empty()),
        ("category_id", !new.category_id.is_empty()),
        ("attributes", !new.attributes.is_empty()),
        ("option_names", !new.option_names.is_empty()),
        ("variants", !new.variants.is_empty()),
    ];
    let mask = Mask::new(&mut check, request.update_mask.as_ref().map(|mask| mask.paths.as_slice()), &fields);
    let mut merged = wire::product::to_proto(current);
    mask.take("title", &mut merged.title, new.title);
    mask.take("description", &mut merged.description, new.description);
    mask.take("brand", &mut merged.brand, new.brand);
    mask.take("category_id", &mut merged.category_id, new.category_id);
    mask.take("attributes", &mut merged.attributes, new.attributes);
    mask.take("option_names", &mut merged.option_names, new.option_names);
    mask.take("variants", &mut merged.variants, new.variants);

    let words = Words {
        prefix: "product.",
        category_id: &merged.category_id,
        title: &merged.title,
        description: &merged.description,
        brand: &merged.brand,
        attributes: &merged.attributes,
        option_names: &merged.option_names,
        variants: &merged.variants,
    };
    let known: Vec<VariantId> = current.listing.variants.iter().map(|variant| variant.id).collect();
    let listing = words.listing(&mut check, &known, api.now());
    check.finish(())?;
    api.must_be_sound("product.", &listing, current.shop).await?;
    Ok(listing)
}

fn revise(work: &mut Work, current: &Stored<Product>, listing: &Listing, seen: Option<i64>, now: Time) -> Result<v1::Product, Refusal> {
    // Fields outside the mask, and the article numbers to let go of, come from what was read.
    let known = work.get::<Product>(current.id).ok_or(Refusal::Unknown("product"))?;
    writing::must_be_at(known, seen, Some(current.version()))?;
    let product = work.change::<Product>(current.id).ok_or(Refusal::Unknown("product"))?;
    let event = product.revise(listing.clone(), now);
    let product = product.clone();
    writing::hand_over_skus(work, &product, &current.listing.variants)?;
    writing::tell(work, event, current.id)
}
