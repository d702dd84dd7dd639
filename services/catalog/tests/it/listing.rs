//! Products: how they are listed, changed, published and taken off the market.

use harness::{Database, databases};
use proto::catalog::v1;
use tonic::Code;

use crate::world::{Seller, World, bolts, fields, reason, tier, variant};

fn update(product: v1::Product, mask: &[&str], etag: &str) -> v1::UpdateProductRequest {
    v1::UpdateProductRequest {
        product_id: product.id.clone(),
        product: Some(product),
        update_mask: Some(prost_types::FieldMask {
            paths: mask.iter().map(|path| (*path).to_owned()).collect(),
        }),
        etag: etag.to_owned(),
        ..v1::UpdateProductRequest::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listed_product_is_seen_as_it_was_listed() {
    for database in databases().await {
        let world = World::start(database).await;
        let store = world.open_store(Seller(1)).await;
        let request = bolts(&store, "HB");
        let listed = world.list(Seller(1), request.clone()).await;
        assert_eq!(listed.state(), v1::ProductState::Published);
        assert_eq!(
            (&listed.attributes, &listed.option_names),
            (&request.attributes, &request.option_names)
        );
        assert_eq!(listed.variants[0].price_tiers, request.variants[0].price_tiers);
        assert_eq!(world.get(0, &listed.id).await.unwrap(), listed);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_listing_names_every_bad_field_and_leaves_nothing() {
    for database in databases().await {
        let world = World::start(database).await;
        let store = world.open_store(Seller(1)).await;
        let mut bad = bolts(&store, "HB");
        bad.title.clear();
        bad.attributes[0].value = None;
        bad.variants[0].gtin = "4006381333932".to_owned();
        bad.variants[0].price_tiers = vec![tier(10, 500, 1), tier(10, 450, 1)];
        bad.variants[1].price_tiers.clear();
        let status = world.products().create_product(world.by(Seller(1), bad)).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument);
        assert_eq!(
            fields(&status),
            [
                "title",
                "attributes[0].value",
                "variants[0].gtin",
                "variants[0].price_tiers[1].min_quantity",
                "variants[1].price_tiers"
            ]
        );
        let mut euros = bolts(&store, "HB");
        euros.variants[1].option_values.clear();
        euros.variants[1].price_tiers[0].price.as_mut().unwrap().currency = "EUR".to_owned();
        euros.variants[1].price_tiers.truncate(1);
        let status = world.products().create_product(world.by(Seller(1), euros)).await.unwrap_err();
        assert_eq!(
            fields(&status),
            ["variants[1].option_values", "variants[1].price_tiers[0].price.currency"]
        );
        let mut odd = bolts(&store, "HB");
        odd.variants[0].order_increment = 7;
        odd.variants[1].price_tiers[0].min_quantity = 12;
        let status = world.products().create_product(world.by(Seller(1), odd)).await.unwrap_err();
        assert_eq!(
            fields(&status),
            ["variants[0].price_tiers[0].min_quantity", "variants[1].price_tiers[0].min_quantity"]
        );
        // What is no increment at all is at fault alone.
        for none in [-7, i64::MAX] {
            let mut odd = bolts(&store, "HB");
            odd.variants[0].order_increment = none;
            let status = world.products().create_product(world.by(Seller(1), odd)).await.unwrap_err();
            assert_eq!(fields(&status), ["variants[0].order_increment"]);
        }
        let all = world
            .products()
            .list_products(v1::ListProductsRequest::default())
            .await
            .unwrap()
            .into_inner();
        assert_eq!(all.products, []);
        // Nor did it keep an article number.
        world.list(Seller(1), bolts(&store, "HB")).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_article_number_belongs_to_one_product_of_its_store() {
    for database in databases().await {
        let world = World::start(database).await;
        let (store, other) = (world.open_store(Seller(1)).await, world.open_store(Seller(1)).await);
        let first = world.list(Seller(1), bolts(&store, "HB")).await;
        let taken = world
            .products()
            .create_product(world.by(Seller(1), bolts(&store, "HB")))
            .await
            .unwrap_err();
        assert_eq!((taken.code(), reason(&taken).as_str()), (Code::AlreadyExists, "SKU_TAKEN"));
        assert_eq!(fields(&taken), ["variants[0].sku"]);
        world.list(Seller(1), bolts(&other, "HB")).await;

        // Given up by the one, it is free for another; and two variants may swap theirs.
        let mut swapped = first.clone();
        swapped.variants[0].sku = first.variants[1].sku.clone();
        swapped.variants[1].sku = "HB-30".to_owned();
        let swapped = world
            .products()
            .update_product(world.by(Seller(1), update(swapped, &["variants"], "")))
            .await
            .unwrap()
            .into_inner();
        assert_eq!(swapped.variants[0].id, first.variants[0].id);
        let mut freed = bolts(&store, "XX");
        freed.variants[0].sku = "HB-10".to_owned();
        world.list(Seller(1), freed).await;
        let mut taken = swapped;
        taken.variants[1].sku = "HB-10".to_owned();
        let taken = world
            .products()
            .update_product(world.by(Seller(1), update(taken, &["variants"], "")))
            .await
            .unwrap_err();
        assert_eq!(fields(&taken), ["variants[1].sku"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_sellers_of_one_article_number_at_once_leave_one_of_them() {
    for database in databases().await {
        let world = World::start(database).await;
        let store = world.open_store(Seller(1)).await;
        let tries = (0..20).map(|_| {
            let (mut products, request) = (world.products(), world.by(Seller(1), bolts(&store, "HB")));
            tokio::spawn(async move { products.create_product(request).await.is_ok() })
        });
        let mut listed = 0;
        for one in tries.collect::<Vec<_>>() {
            listed += i32::from(one.await.unwrap());
        }
        assert_eq!(listed, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_is_its_sellers_alone_until_it_is_published() {
    for database in databases().await {
        let world = World::start(database).await;
        let store = world.open_store(Seller(1)).await;
        let draft = v1::CreateProductRequest {
            publish: false,
            ..bolts(&store, "HB")
        };
        let draft = world.list(Seller(1), draft).await;
        let get = || v1::GetProductRequest {
            product_id: draft.id.clone(),
        };
        assert_eq!(world.get(0, &draft.id).await.unwrap_err().code(), Code::NotFound);
        let stranger = world.products().get_product(world.by(Seller(2), get())).await.unwrap_err();
        assert_eq!(stranger.code(), Code::NotFound);
        let own = world.products().get_product(world.by(Seller(1), get())).await.unwrap().into_inner();
        assert_eq!(own, draft);
        let publish = |etag: &str| v1::PublishProductRequest {
            product_id: draft.id.clone(),
            etag: etag.to_owned(),
            ..v1::PublishProductRequest::default()
        };
        let hidden = world
            .products()
            .publish_product(world.by(Seller(2), publish("")))
            .await
            .unwrap_err();
        assert_eq!(hidden.code(), Code::NotFound);
        let published = world
            .products()
            .publish_product(world.by(Seller(1), publish("1")))
            .await
            .unwrap()
            .into_inner();
        assert_eq!(world.get(0, &draft.id).await.unwrap(), published);
        let twice = world
            .products()
            .publish_product(world.by(Seller(1), publish("")))
            .await
            .unwrap_err();
        assert_eq!(
            (twice.code(), reason(&twice).as_str()),
            (Code::FailedPrecondition, "ILLEGAL_TRANSITION")
        );
        let archive = v1::ArchiveProductRequest {
            product_id: draft.id.clone(),
            ..v1::ArchiveProductRequest::default()
        };
        world.products().archive_product(world.by(Seller(1), archive)).await.unwrap();
        assert_eq!(world.get(0, &draft.id).await.unwrap_err().code(), Code::NotFound);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_is_based_on_an_old_version_is_refused() {
    for database in databases().await {
        let world = World::start(database).await;
        let store = world.open_store(Seller(1)).await;
        let product = world.list(Seller(1), bolts(&store, "HB")).await;
        let named = |title: &str| v1::Product {
            title: title.to_owned(),
            ..product.clone()
        };
        let changed = world
            .products()
            .update_product(world.by(Seller(1), update(named("Second"), &["title"], "1")))
            .await
            .unwrap()
            .into_inner();
        assert_eq!((changed.title.as_str(), changed.etag.as_str()), ("Second", "2.0"));
        assert_eq!(changed.variants, product.variants);
        let stale = world
            .products()
            .update_product(world.by(Seller(1), update(named("Third"), &["title"], "1")))
            .await
            .unwrap_err();
        assert_eq!(reason(&stale), "STALE_VERSION");
        let same = world
            .products()
            .update_product(world.by(Seller(1), update(named("Second"), &["title"], "2")))
            .await
            .unwrap()
            .into_inner();
        assert_eq!(same, changed, "the same words again are no change");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_repeated_is_carried_out_once() {
    for database in databases().await {
        let world = World::start(database).await;
        let store = world.open_store(Seller(1)).await;
        let request = v1::CreateProductRequest {
            request_id: "same".to_owned(),
            ..bolts(&store, "HB")
        };
        let first = world.list(Seller(1), request.clone()).await;
        assert_eq!(world.list(Seller(1), request).await, first);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_variant_keeps_its_id_and_a_foreign_id_is_named() {
    let world = World::start(Database::sqlite()).await;
    let store = world.open_store(Seller(1)).await;
    let product = world.list(Seller(1), bolts(&store, "HB")).await;
    let mut more = product.clone();
    more.variants.remove(0);
    more.variants.push(variant("HB-30", "30 mm"));
    let changed = world
        .products()
        .update_product(world.by(Seller(1), update(more, &[], "")))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(changed.variants.len(), 2);
    assert_eq!(changed.variants[0].id, product.variants[1].id);
    let mut foreign = changed;
    foreign.variants[0].id = product.variants[0].id.clone();
    let status = world
        .products()
        .update_product(world.by(Seller(1), update(foreign, &["variants"], "")))
        .await
        .unwrap_err();
    assert_eq!(fields(&status), ["product.variants[0].id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_product_does_not_grow_change_by_change_beyond_what_an_event_can_carry() {
    let world = World::start(Database::sqlite()).await;
    let store = world.open_store(Seller(1)).await;
    let product = world.list(Seller(1), bolts(&store, "HB")).await;
    let described = |letters: usize| v1::Product {
        description: "x".repeat(20_000),
        attributes: (0..25)
            .map(|number| v1::Attribute {
                name: format!("attribute {number}"),
                value: Some(v1::attribute::Value::Text("x".repeat(letters))),
                unit: String::new(),
            })
            .collect(),
        ..product.clone()
    };
    let change = |letters: usize| world.by(Seller(1), update(described(letters), &["description", "attributes"], ""));
    let large = world.products().update_product(change(9_000)).await.unwrap().into_inner();
    let status = world.products().update_product(change(10_000)).await.unwrap_err();
    assert_eq!(fields(&status), ["product.attributes"]);
    assert_eq!(world.get(0, &product.id).await.unwrap(), large);
}
