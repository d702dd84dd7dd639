//! From allocated stock to parcels with numbers.

use std::time::Duration;

use harness::{Database, databases, reason, until};
use proto::logistics::v1::{
    CreateShipmentRequest, GetShipmentRequest, ListMovementsRequest, ListShipmentsRequest, MovementKind, Shipment, ShipmentState,
};
use tonic::{Code, Status};
use tonic_types::StatusExt;

use crate::{
    carriers::report,
    world::{Wanted, World, a_checkout, somebody, something, wanted},
};

/// A paid order of five pieces.
pub(crate) async fn paid(database: Database) -> (World, Wanted) {
    let world = World::open(database).await;
    let order = paid_after(&world, Duration::ZERO).await;
    (world, order)
}

/// Another one, so much later.
pub(crate) async fn paid_after(world: &World, pause: Duration) -> Wanted {
    world.clock.advance(pause);
    let (seller, variant) = world.seller_with(10).await;
    let (checkout, order) = (a_checkout(), wanted(seller, &[(variant, 5)]));
    world.reserve(checkout, std::slice::from_ref(&order)).await.unwrap();
    world.orders.tell("order.v1.paid", checkout, &order).await;
    until("the order is allocated", async || {
        world.count_told("logistics.v1.allocated", order.order).await == 1
    })
    .await;
    order
}

pub(crate) async fn ship(world: &World, order: &Wanted, key: &str, numbers: &[&str]) -> Result<Shipment, Status> {
    let request = CreateShipmentRequest {
        request_id: key.to_owned(),
        order_id: order.order.to_string(),
        carrier: "sandbox".to_owned(),
        tracking_numbers: numbers.iter().map(|number| (*number).to_owned()).collect(),
    };
    Ok(world.shipments(order.seller).create_shipment(request).await?.into_inner())
}

#[tokio::test]
async fn without_the_sandbox_only_carriers_of_ones_own_take_parcels() {
    let database = Database::sqlite();
    let world = World::with(database, false).await;
    let order = wanted(somebody(), &[(something(), 1)]);
    let refused = ship(&world, &order, "", &[]).await.unwrap_err();
    let fields = refused.get_details_bad_request().unwrap().field_violations;
    assert_eq!(
        (fields[0].field.as_str(), fields[0].description.as_str()),
        ("carrier", "is no configured carrier")
    );
    let report = report(&world, "one", Vec::new()).await.unwrap_err();
    assert_eq!(report.code(), Code::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paid_order_is_shipped_once_and_leaves_the_house() {
    for database in databases().await {
        let (world, order) = paid(database).await;
        let shipment = ship(&world, &order, "one", &[]).await.unwrap();
        assert_eq!(ship(&world, &order, "one", &[]).await.unwrap(), shipment);
        assert_eq!(ship(&world, &order, "two", &[]).await.unwrap_err().code(), Code::FailedPrecondition);
        assert_eq!((shipment.state(), shipment.parcels.len()), (ShipmentState::Purchased, 1));
        let number = &shipment.parcels[0].tracking_number;
        assert!(number.len() == 13 && number.starts_with('L') && number.ends_with("CN"), "{number}");
        assert_eq!(shipment.parcels[0].lines[0].quantity, 5);
        assert_eq!(world.levels(order.seller, order.lines[0].0).await, (5, 0));
        let id: kernel::ShipmentId = shipment.id.parse().unwrap();
        assert_eq!(world.count_told("logistics.v1.shipped", id).await, 1);
        let request = ListMovementsRequest {
            variant_id: order.lines[0].0.to_string(),
            ..ListMovementsRequest::default()
        };
        let ledger = world.stocks(order.seller).list_movements(request).await.unwrap().into_inner();
        let mut kinds: Vec<MovementKind> = ledger.movements.iter().map(|movement| movement.kind()).collect();
        kinds.sort_unstable();
        use MovementKind::{Allocated, Received, Reserved, Shipped};
        assert_eq!(kinds, [Received, Reserved, Allocated, Shipped]);
        world.ledger_agrees().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_number_is_a_parcel_and_belongs_to_one_shipment() {
    for database in databases().await {
        let (world, order) = paid(database).await;
        for numbers in [&["RB123456786US"][..], &["PARCEL-1", "PARCEL-1"], &["x"]] {
            assert_eq!(ship(&world, &order, "", numbers).await.unwrap_err().code(), Code::InvalidArgument);
        }
        let six = ["PARCEL-1", "PARCEL-2", "PARCEL-3", "PARCEL-4", "PARCEL-5", "PARCEL-6"];
        assert_eq!(ship(&world, &order, "", &six).await.unwrap_err().code(), Code::InvalidArgument);
        assert_eq!(world.levels(order.seller, order.lines[0].0).await, (10, 5));
        let shipment = ship(&world, &order, "", &["RB123456785US", "PARCEL-2"]).await.unwrap();
        let pieces: Vec<i64> = shipment.parcels.iter().map(|parcel| parcel.lines[0].quantity).collect();
        assert_eq!(pieces, [2, 3]);

        let other = paid_after(&world, Duration::ZERO).await;
        let taken = ship(&world, &other, "", &["PARCEL-2"]).await.unwrap_err();
        assert_eq!(taken.code(), Code::AlreadyExists);
        assert_eq!(world.levels(other.seller, other.lines[0].0).await, (10, 5));
        ship(&world, &other, "", &[]).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_seller_ships_and_only_the_parties_look() {
    for database in databases().await {
        let (world, order) = paid(database).await;
        let stranger = Wanted {
            seller: order.buyer,
            ..order.clone()
        };
        assert_eq!(ship(&world, &stranger, "", &[]).await.unwrap_err().code(), Code::NotFound);
        let shipment = ship(&world, &order, "", &[]).await.unwrap();
        let get = GetShipmentRequest {
            shipment_id: shipment.id.clone(),
        };
        let list = ListShipmentsRequest {
            order_id: order.order.to_string(),
        };
        for party in [order.seller, order.buyer] {
            assert_eq!(
                world.shipments(party).get_shipment(get.clone()).await.unwrap().into_inner(),
                shipment
            );
            let found = world.shipments(party).list_shipments(list.clone()).await.unwrap().into_inner();
            assert_eq!(found.shipments, std::slice::from_ref(&shipment));
        }
        let nobody = somebody();
        assert_eq!(world.shipments(nobody).get_shipment(get).await.unwrap_err().code(), Code::NotFound);
        assert_eq!(
            world.shipments(nobody).list_shipments(list).await.unwrap_err().code(),
            Code::NotFound
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_two_replicas_ship_at_once_is_shipped_once() {
    for database in databases().await {
        let (here, order) = paid(database).await;
        let there = here.replica().await;
        let attempts = (0..8).map(|attempt| {
            let (world, order) = (if attempt % 2 == 0 { here.clone() } else { there.clone() }, order.clone());
            async move { ship(&world, &order, "", &[]).await }
        });
        let shipped = futures::future::join_all(attempts).await.into_iter().filter(Result::is_ok).count();
        assert_eq!(shipped, 1);
        assert_eq!(here.levels(order.seller, order.lines[0].0).await, (5, 0));
        here.ledger_agrees().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unpaid_order_is_refused_at_once_and_shipped_under_the_same_key_when_its_payment_is_heard_of() {
    for database in databases().await {
        let world = World::open(database).await;
        let (seller, variant) = world.seller_with(10).await;
        let (checkout, order) = (a_checkout(), wanted(seller, &[(variant, 5)]));
        world.reserve(checkout, std::slice::from_ref(&order)).await.unwrap();
        let refused = ship(&world, &order, "one", &[]).await.unwrap_err();
        assert_eq!(reason(&refused), "NOT_PAID");
        let again = refused.get_details_retry_info().and_then(|info| info.retry_delay);
        assert_eq!(again, Some(Duration::from_secs(1)));
        assert_eq!(world.levels(seller, variant).await, (10, 5));

        world.orders.tell("order.v1.paid", checkout, &order).await;
        until("the order is allocated", async || {
            world.count_told("logistics.v1.allocated", order.order).await == 1
        })
        .await;
        ship(&world, &order, "one", &[]).await.unwrap();
        // What can never be shipped is another matter: asking again is of no use.
        let twice = ship(&world, &order, "two", &[]).await.unwrap_err();
        assert_eq!(reason(&twice), "NOT_SHIPPABLE");
        assert!(twice.get_details_retry_info().is_none());
    }
}
