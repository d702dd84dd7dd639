//! One row of an import: a new product, or what the store's product says from now on.

use ::store::{Cause, Stored};
use kernel::uuid::Uuid;
use prost::Message;
use proto::catalog::v1;
use runtime::{auth::Principal, problem::reason_of};
use tonic::Status;

use super::{Api, create_product, update_product};
use crate::{
    domain::{
        Product, Sku, SkuId,
        import::{Import, Outcome},
    },
    wire::product::version_of,
};

/// Everything that a row says of a product.
const FIELDS: [&str; 7] = [
    "title",
    "description",
    "brand",
    "category_id",
    "attributes",
    "option_names",
    "variants",
];

/// The request that lists the row's product. Article numbers are kept
/// without the white space around them, so that is how they are looked for.
pub(super) fn product(import: &Import, row: &v1::ImportRow) -> v1::CreateProductRequest {
    let variant = |variant: &v1::Variant| v1::Variant {
        sku: variant.sku.trim().to_owned(),
        ..variant.clone()
    };
    v1::CreateProductRequest {
        request_id: String::new(),
        store_id: import.shop.to_string(),
        title: row.title.clone(),
        description: row.description.clone(),
        brand: row.brand.clone(),
        attributes: row.attributes.clone(),
        option_names: row.option_names.clone(),
        variants: row.variants.iter().map(variant).collect(),
        publish: row.publish,
        category_id: row.category_id.clone(),
    }
}

pub(super) async fn take_in(
    api: &Api,
    principal: &Principal,
    import: &Import,
    number: i64,
    row: &v1::CreateProductRequest,
) -> Result<Outcome, Status> {
    // The content is part of the name: a row that was listed but not counted, because somebody crashed, may come again corrected, and then
    // says what its product says from now on. Under the same name it would be refused, and its neighbours with it.
    let content = Uuid::new_v5(&import.id.uuid(), &row.encode_to_vec());
    let name = format!("{} {number} {content}", import.id);
    let cause = Cause::request(principal.organisation, "ImportRow", &name, row);
    let taken = match create_product::list(api, principal, cause.clone(), row).await {
        Ok(product) => return Ok(outcome(&product)),
        Err(status) if reason_of(&status).as_deref() == Some("SKU_TAKEN") => status,
        Err(status) => return Err(status),
    };
    let current = product_of(api, import, row).await?.ok_or(taken)?;
    let request = change(&current, row.clone());
    if update_product::changes(api, &request, &current).await? {
        // The same cause: whatever this row does, it does once.
        Ok(outcome(&update_product::change(api, principal, cause, &request).await?))
    } else {
        Ok(Outcome::Unchanged)
    }
}

/// What the row did to its product, now or when it came first: only a row that lists one leaves it at its first version.
fn outcome(product: &v1::Product) -> Outcome {
    match version_of(product) {
        1 => Outcome::Listed,
        _ => Outcome::Changed,
    }
}

/// The product that holds the row's first article number.
async fn product_of(api: &Api, import: &Import, row: &v1::CreateProductRequest) -> Result<Option<Stored<Product>>, Status> {
    let Some(variant) = row.variants.first() else { return Ok(None) };
    let sku = api.store.get::<Sku>(SkuId::of(import.shop, &variant.sku)).await?;
    let Some(holder) = sku.and_then(|sku| sku.holder) else {
        return Ok(None);
    };
    Ok(api.store.get::<Product>(holder.product).await?)
}

/// The row as a change of this product; variants keep their ids by their article numbers.
fn change(current: &Product, row: v1::CreateProductRequest) -> v1::UpdateProductRequest {
    let variants = row.variants.into_iter().map(|variant| {
        let known = current.listing.variants.iter().find(|known| known.sku == variant.sku);
        v1::Variant {
            id: known.map(|known| known.id.to_string()).unwrap_or_default(),
            ..variant
        }
    });
    let product = v1::Product {
        title: row.title,
        description: row.description,
        brand: row.brand,
        category_id: row.category_id,
        attributes: row.attributes,
        option_names: row.option_names,
        variants: variants.collect(),
        ..v1::Product::default()
    };
    v1::UpdateProductRequest {
        product_id: current.id.to_string(),
        product: Some(product),
        update_mask: Some(prost_types::FieldMask {
            paths: FIELDS.map(str::to_owned).to_vec(),
        }),
        ..v1::UpdateProductRequest::default()
    }
}
