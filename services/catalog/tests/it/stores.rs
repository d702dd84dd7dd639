//! Stores.

use harness::databases;
use proto::catalog::v1::{self, store_service_client::StoreServiceClient};
use tonic::Code;

use crate::world::{Seller, World, fields, reason};

#[tokio::test(flavor = "multi_thread")]
async fn a_store_is_opened_once_for_one_request_id() {
    for database in databases().await {
        let world = World::start(database).await;
        let request = |name: &str| {
            let request = v1::CreateStoreRequest {
                request_id: "one".to_owned(),
                name: name.to_owned(),
                country: "DE".to_owned(),
                currency: "USD".to_owned(),
                ..v1::CreateStoreRequest::default()
            };
            world.by(Seller(1), request)
        };
        let first = world.stores().create_store(request("Bolts")).await.unwrap().into_inner();
        let again = world.stores().create_store(request("Bolts")).await.unwrap().into_inner();
        assert_eq!(first, again);
        assert_eq!(first.etag, "1");
        let other = world.stores().create_store(request("Nuts")).await.unwrap_err();
        assert_eq!(reason(&other), "IDEMPOTENCY_KEY_REUSED");
        let all = world
            .stores()
            .list_stores(v1::ListStoresRequest::default())
            .await
            .unwrap()
            .into_inner();
        assert_eq!(all.stores, [first]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_cannot_be_names_every_bad_field() {
    let world = World::start(harness::Database::sqlite()).await;
    let request = v1::CreateStoreRequest {
        name: "Two\nlines".to_owned(),
        country: "de".to_owned(),
        currency: "XXX".to_owned(),
        tax_basis_points: 10_001,
        ..v1::CreateStoreRequest::default()
    };
    let status = world.stores().create_store(world.by(Seller(1), request.clone())).await.unwrap_err();
    assert_eq!(fields(&status), ["tax_basis_points", "name", "country", "currency"]);
    let status = world.stores().create_store(request).await.unwrap_err();
    assert_eq!(status.code(), Code::Unauthenticated);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_the_mask_takes_changes_and_only_for_the_owner() {
    for database in databases().await {
        let world = World::start(database).await;
        let store = world.open_store(Seller(1)).await;
        let update = |mask: &[&str], etag: &str| {
            let new = v1::Store {
                name: "New".to_owned(),
                country: "FR".to_owned(),
                ..v1::Store::default()
            };
            v1::UpdateStoreRequest {
                store_id: store.id.clone(),
                store: Some(new),
                update_mask: Some(prost_types::FieldMask {
                    paths: mask.iter().map(|path| (*path).to_owned()).collect(),
                }),
                etag: etag.to_owned(),
                ..v1::UpdateStoreRequest::default()
            }
        };
        let foreign = world
            .stores()
            .update_store(world.by(Seller(2), update(&["name"], "")))
            .await
            .unwrap_err();
        assert_eq!(foreign.code(), Code::PermissionDenied);
        let changed = world
            .stores()
            .update_store(world.by(Seller(1), update(&["name", "description"], "1")))
            .await
            .unwrap()
            .into_inner();
        assert_eq!(
            (changed.name.as_str(), changed.description.as_str(), changed.country.as_str()),
            ("New", "", "DE")
        );
        assert_eq!(changed.etag, "2");
        let stale = world
            .stores()
            .update_store(world.by(Seller(1), update(&["name"], "1")))
            .await
            .unwrap_err();
        assert_eq!(reason(&stale), "STALE_VERSION");
        let fixed = world
            .stores()
            .update_store(world.by(Seller(1), update(&["currency"], "")))
            .await
            .unwrap_err();
        assert_eq!(fields(&fixed), ["update_mask"]);
        let seen = world
            .stores()
            .get_store(v1::GetStoreRequest {
                store_id: store.id.clone(),
            })
            .await
            .unwrap()
            .into_inner();
        assert_eq!(seen, changed);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn owners_who_change_a_store_at_the_same_time_all_succeed() {
    for database in databases().await {
        let mut world = World::start(database).await;
        world.add_replica().await;
        let store = world.open_store(Seller(1)).await;
        let update = |number: i32, new: v1::Store| {
            let replica = usize::try_from(number % 2).unwrap();
            let request = v1::UpdateStoreRequest {
                request_id: format!("{number} {new:?}"),
                store_id: store.id.clone(),
                store: Some(new),
                ..v1::UpdateStoreRequest::default()
            };
            let (mut stores, request) = (StoreServiceClient::new(world.channel_at(replica)), world.by(Seller(1), request));
            async move { stores.update_store(request).await.map(tonic::Response::into_inner) }
        };
        let all = (1..=12).flat_map(|number| {
            let none = v1::Store::default();
            let name = v1::Store {
                name: format!("Bolts {number}"),
                ..none.clone()
            };
            let description = v1::Store {
                description: format!("Since {number}"),
                ..none.clone()
            };
            let tax_basis_points = v1::Store {
                tax_basis_points: number,
                ..none
            };
            [update(number, name), update(number, description), update(number, tax_basis_points)]
        });
        let mut answers = futures::future::try_join_all(all).await.unwrap();
        answers.push(store.clone());
        answers.sort_by_key(|store| store.etag.parse::<i64>().unwrap());
        for (place, pair) in answers.windows(2).enumerate() {
            let [before, after] = pair else { unreachable!() };
            assert_eq!(after.etag, (place + 2).to_string());
            let differs = [
                before.name != after.name,
                before.description != after.description,
                before.tax_basis_points != after.tax_basis_points,
            ];
            assert_eq!(differs.iter().filter(|differs| **differs).count(), 1, "{before:?} {after:?}");
        }
    }
}
