//! What the other services hear.

use events::{Begin, Bus};
use harness::databases;
use proto::catalog::v1;

use crate::world::{Seller, World, bolts};

#[tokio::test(flavor = "multi_thread")]
async fn every_change_is_told_in_order_with_the_whole_product() {
    for database in databases().await {
        let world = World::start(database).await;
        let store = world.open_store(Seller(1)).await;
        let listed = world.list(Seller(1), bolts(&store, "HB")).await;
        let renamed = v1::UpdateProductRequest {
            product_id: listed.id.clone(),
            product: Some(v1::Product {
                title: "Better bolt".to_owned(),
                ..v1::Product::default()
            }),
            ..v1::UpdateProductRequest::default()
        };
        let renamed = world
            .products()
            .update_product(world.by(Seller(1), renamed))
            .await
            .unwrap()
            .into_inner();
        let archive = v1::ArchiveProductRequest {
            product_id: listed.id.clone(),
            ..v1::ArchiveProductRequest::default()
        };
        let archived = world
            .products()
            .archive_product(world.by(Seller(1), archive))
            .await
            .unwrap()
            .into_inner();

        let bus = Bus::connect(&world.nats.url()).await.unwrap();
        let mut follower = bus.follow("catalog", Begin::Sequence(1)).await.unwrap();
        let mut heard = Vec::new();
        while heard.len() < 4 {
            heard.extend(follower.next().await.unwrap());
        }
        let subjects: Vec<&str> = heard.iter().map(|(_, event)| event.subject.as_str()).collect();
        let told = ["store_created", "product_created", "product_changed", "product_archived"].map(|name| format!("catalog.v1.{name}"));
        assert_eq!(subjects, told);
        let products: Vec<_> = heard[1..]
            .iter()
            .map(|(_, event)| event.decode::<v1::ProductChanged>().unwrap().product.unwrap())
            .collect();
        assert_eq!(products, [listed, renamed, archived]);
        assert_eq!(heard.iter().map(|(_, event)| event.version).collect::<Vec<_>>(), [1, 1, 2, 3]);
        assert!(heard.iter().all(|(_, event)| event.owners == [Seller(1).organisation()]));
    }
}
