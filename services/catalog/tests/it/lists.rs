//! Lists of products.

use harness::databases;
use prost::Message;
use proto::catalog::v1;
use tonic::Code;

use crate::world::{Seller, World, bolts, fields};

fn page(size: i32, token: &str, store: &str) -> v1::ListProductsRequest {
    v1::ListProductsRequest {
        page_size: size,
        page_token: token.to_owned(),
        store_id: store.to_owned(),
        include_unpublished: false,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_large_products_ends_early_and_leaves_none_out() {
    for database in databases().await {
        let world = World::start(database).await;
        let store = world.open_store(Seller(1)).await;
        let mut listed = Vec::new();
        for number in 0..40 {
            let request = v1::CreateProductRequest {
                description: "長".repeat(20_000),
                ..bolts(&store, &format!("L{number}"))
            };
            listed.push(world.list(Seller(1), request).await.id);
        }
        listed.sort_unstable_by(|one, other| other.cmp(one));
        let (mut seen, mut token) = (Vec::new(), String::new());
        loop {
            let answer = world
                .products()
                .list_products(page(100, &token, &store.id))
                .await
                .unwrap()
                .into_inner();
            let bytes: usize = answer.products.iter().map(Message::encoded_len).sum();
            assert!((1..=2 << 20).contains(&bytes), "{bytes} bytes");
            seen.extend(answer.products.into_iter().map(|product| product.id));
            token = answer.next_page_token;
            if token.is_empty() {
                break;
            }
        }
        assert_eq!(seen, listed);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_show_every_published_product_once_newest_first() {
    for database in databases().await {
        let world = World::start(database).await;
        let (store, other) = (world.open_store(Seller(1)).await, world.open_store(Seller(2)).await);
        let mut published = Vec::new();
        for number in 0..7 {
            let request = v1::CreateProductRequest {
                publish: number != 3,
                ..bolts(&store, &format!("A{number}"))
            };
            let product = world.list(Seller(1), request).await;
            if number != 3 {
                published.insert(0, product);
            }
        }
        let foreign = world.list(Seller(2), bolts(&other, "B")).await;

        let (mut seen, mut token) = (Vec::new(), String::new());
        loop {
            let page = world
                .products()
                .list_products(page(2, &token, &store.id))
                .await
                .unwrap()
                .into_inner();
            seen.extend(page.products);
            token = page.next_page_token;
            if token.is_empty() {
                break;
            }
        }
        assert_eq!(seen, published);
        let all = world.products().list_products(page(0, "", "")).await.unwrap().into_inner();
        assert_eq!(
            (all.products.len(), &all.products[0], all.next_page_token.as_str()),
            (7, &foreign, "")
        );

        let first = world.products().list_products(page(2, "", &store.id)).await.unwrap().into_inner();
        let elsewhere = world
            .products()
            .list_products(page(2, &first.next_page_token, ""))
            .await
            .unwrap_err();
        assert_eq!(fields(&elsewhere), ["page_token"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seller_sees_what_is_not_published_and_nobody_else_does() {
    for database in databases().await {
        let world = World::start(database).await;
        let store = world.open_store(Seller(1)).await;
        let draft = v1::CreateProductRequest {
            publish: false,
            ..bolts(&store, "HB")
        };
        let draft = world.list(Seller(1), draft).await.id;
        let published = world.list(Seller(1), bolts(&store, "HC")).await.id;
        let foreign = world.list(Seller(2), bolts(&world.open_store(Seller(2)).await, "HD")).await.id;
        let archived = world.list(Seller(1), bolts(&store, "HE")).await.id;
        let archive = v1::ArchiveProductRequest {
            product_id: archived.clone(),
            ..v1::ArchiveProductRequest::default()
        };
        world.products().archive_product(world.by(Seller(1), archive)).await.unwrap();
        let request = |size, token: &str, store: &str| v1::ListProductsRequest {
            include_unpublished: true,
            ..page(size, token, store)
        };
        let seen = async |seller, size, store: &str| {
            let (mut seen, mut token) = (Vec::new(), String::new());
            loop {
                let request = world.by(seller, request(size, &token, store));
                let page = world.products().list_products(request).await.unwrap().into_inner();
                seen.extend(page.products.into_iter().map(|product| product.id));
                token = page.next_page_token;
                if token.is_empty() {
                    return seen;
                }
            }
        };
        for size in [1, 2, 100] {
            let own = seen(Seller(1), size, &store.id).await;
            assert_eq!(own, [&archived, &published, &draft].map(String::clone));
            let own_and_others = seen(Seller(1), size, "").await;
            assert_eq!(own_and_others, [&archived, &foreign, &published, &draft].map(String::clone));
            // Whoever sells something else sees what everybody sees, and their own.
            assert_eq!(seen(Seller(2), size, &store.id).await, vec![published.clone()]);
            assert_eq!(seen(Seller(2), size, "").await, [&foreign, &published].map(String::clone));
        }
        let public = world.products().list_products(page(0, "", &store.id)).await.unwrap().into_inner();
        assert_eq!(public.products.len(), 1);
        let nobody = world.products().list_products(request(0, "", "")).await.unwrap_err();
        assert_eq!(nobody.code(), Code::Unauthenticated);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_shows_a_change_at_once() {
    let world = World::start(harness::Database::sqlite()).await;
    let store = world.open_store(Seller(1)).await;
    let product = world.list(Seller(1), bolts(&store, "HB")).await;
    let ids = |list: v1::ListProductsResponse| list.products.into_iter().map(|product| product.id).collect::<Vec<_>>();
    let list = || async { ids(world.products().list_products(page(0, "", "")).await.unwrap().into_inner()) };
    assert_eq!(list().await, [product.id.as_str()]);
    let archive = v1::ArchiveProductRequest {
        product_id: product.id.clone(),
        ..v1::ArchiveProductRequest::default()
    };
    world.products().archive_product(world.by(Seller(1), archive)).await.unwrap();
    assert!(list().await.is_empty());
}
