//! What one replica remembers follows what another one writes.

use harness::{Database, databases, until};
use proto::catalog::v1;

use crate::world::{Seller, World, bolts, tier};

fn dearer(product: &v1::Product, cents: i64) -> v1::UpdateProductRequest {
    let mut dearer = product.clone();
    dearer.variants[0].price_tiers = vec![tier(5, cents, 1)];
    v1::UpdateProductRequest {
        product_id: product.id.clone(),
        product: Some(dearer),
        ..v1::UpdateProductRequest::default()
    }
}

async fn price(world: &World, replica: usize, variant: &str) -> i64 {
    let lines = world.price_at(replica, &[(variant, 10)]).await;
    lines[0].price.as_ref().unwrap().minor_units
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_price_counts_at_once_here_and_soon_on_every_replica() {
    for database in databases().await {
        let mut world = World::start(database).await;
        world.add_replica().await;
        let store = world.open_store(Seller(1)).await;
        let product = world.list(Seller(1), bolts(&store, "HB")).await;
        let variant = product.variants[0].id.as_str();
        for cents in 501..520 {
            assert!(price(&world, 1, variant).await < cents);
            let request = world.by(Seller(1), dearer(&product, cents));
            world.products_at(0).update_product(request).await.unwrap();
            assert_eq!(price(&world, 0, variant).await, cents);
            until("the other replica has the new price", || async {
                price(&world, 1, variant).await == cents
            })
            .await;
            assert_eq!(
                world.get(1, &product.id).await.unwrap().variants[0].price_tiers[0]
                    .price
                    .as_ref()
                    .unwrap()
                    .minor_units,
                cents
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn prices_stay_true_while_the_broker_is_away() {
    let mut world = World::start(Database::sqlite()).await;
    world.add_replica().await;
    let store = world.open_store(Seller(1)).await;
    let product = world.list(Seller(1), bolts(&store, "HB")).await;
    let variant = product.variants[0].id.as_str();
    assert_eq!(price(&world, 1, variant).await, 500);
    world.nats.kill();
    let request = world.by(Seller(1), dearer(&product, 700));
    world.products_at(0).update_product(request).await.unwrap();
    assert_eq!(price(&world, 0, variant).await, 700);
    until("the other replica asks the database again", || async {
        price(&world, 1, variant).await == 700
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_tax_rate_reaches_every_replica() {
    let mut world = World::start(Database::sqlite()).await;
    world.add_replica().await;
    let store = world.open_store(Seller(1)).await;
    let product = world.list(Seller(1), bolts(&store, "HB")).await;
    let variant = product.variants[0].id.as_str();
    let tax = |replica: usize| {
        let world = &world;
        async move { world.price_at(replica, &[(variant, 10)]).await[0].tax_basis_points }
    };
    assert_eq!((tax(0).await, tax(1).await), (1_900, 1_900));
    let update = v1::UpdateStoreRequest {
        store_id: store.id.clone(),
        store: Some(v1::Store {
            tax_basis_points: 700,
            ..v1::Store::default()
        }),
        ..v1::UpdateStoreRequest::default()
    };
    world.stores().update_store(world.by(Seller(1), update)).await.unwrap();
    assert_eq!(tax(0).await, 700);
    until("the other replica has the new rate", || async { tax(1).await == 700 }).await;
}
