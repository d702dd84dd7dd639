//! Warehouses, stock and its ledger.

use harness::{databases, fields, reason};
use proto::logistics::v1::{
    AdjustStockRequest, CreateWarehouseRequest, GetAvailabilityRequest, GetWarehouseRequest, ListMovementsRequest, ListWarehousesRequest,
    MovementKind, ReceiveStockRequest, SetFreightRatesRequest, Warehouse,
};
use sea_orm::ConnectionTrait;
use tonic::Code;

use crate::world::{World, address, rate, somebody, something};

fn receive(warehouse: &Warehouse, variant: impl ToString, quantity: i64) -> ReceiveStockRequest {
    ReceiveStockRequest {
        request_id: "one".to_owned(),
        warehouse_id: warehouse.id.clone(),
        variant_id: variant.to_string(),
        quantity,
        note: "from the factory".to_owned(),
    }
}

#[tokio::test]
async fn a_repeated_request_receives_stock_once() {
    for database in databases().await {
        let world = World::open(database).await;
        let (seller, variant) = (somebody(), something());
        let warehouse = world.warehouse(seller, "CN", vec![]).await;
        let first = world
            .stocks(seller)
            .receive_stock(receive(&warehouse, variant, 10))
            .await
            .unwrap()
            .into_inner();
        let again = world
            .stocks(seller)
            .receive_stock(receive(&warehouse, variant, 10))
            .await
            .unwrap()
            .into_inner();
        assert_eq!(first, again);
        assert_eq!(
            (first.on_hand, first.reserved, first.available, first.etag.as_str()),
            (10, 0, 10, "1")
        );
        let other = world
            .stocks(seller)
            .receive_stock(receive(&warehouse, variant, 11))
            .await
            .unwrap_err();
        assert_eq!(other.code(), Code::Aborted);
        assert_eq!(world.levels(seller, variant).await, (10, 0));
        world.ledger_agrees().await;
    }
}

#[tokio::test]
async fn the_ledger_is_paged_newest_first() {
    for database in databases().await {
        let world = World::open(database).await;
        let (seller, variant) = (somebody(), something());
        let warehouse = world.warehouse(seller, "CN", vec![]).await;
        for quantity in 1..=5 {
            world.receive(&warehouse, variant, quantity).await;
            kernel::ManualClock::advance(&world.clock, std::time::Duration::from_millis(2));
        }
        let mut changes = Vec::new();
        let mut page_token = String::new();
        loop {
            let request = ListMovementsRequest {
                variant_id: variant.to_string(),
                page_size: 2,
                page_token,
            };
            let page = world.stocks(seller).list_movements(request).await.unwrap().into_inner();
            assert!(page.movements.iter().all(|movement| movement.kind() == MovementKind::Received));
            changes.extend(page.movements.iter().map(|movement| movement.on_hand_change));
            page_token = page.next_page_token;
            if page_token.is_empty() {
                break;
            }
        }
        assert_eq!(changes, [5, 4, 3, 2, 1]);
    }
}

#[tokio::test]
async fn a_count_never_falls_below_what_is_there() {
    for database in databases().await {
        let world = World::open(database).await;
        let (seller, variant) = (somebody(), something());
        let warehouse = world.warehouse(seller, "CN", vec![]).await;
        world.receive(&warehouse, variant, 3).await;
        let adjust = |change| AdjustStockRequest {
            request_id: String::new(),
            warehouse_id: warehouse.id.clone(),
            variant_id: variant.to_string(),
            change,
            note: String::new(),
        };
        let refused = world.stocks(seller).adjust_stock(adjust(-4)).await.unwrap_err();
        assert_eq!(refused.code(), Code::FailedPrecondition);
        let stock = world.stocks(seller).adjust_stock(adjust(-3)).await.unwrap().into_inner();
        assert_eq!(stock.on_hand, 0);
        let zero = world.stocks(seller).adjust_stock(adjust(0)).await.unwrap_err();
        assert_eq!(fields(&zero), ["change"]);
        world.ledger_agrees().await;
    }
}

#[tokio::test]
async fn the_database_itself_promises_no_more_than_there_is() {
    for database in databases().await {
        let world = World::open(database).await;
        world.seller_with(10).await;
        let db = world.database.behind().await;
        for update in ["reserved = 11", "reserved = -1", "on_hand = -1"] {
            let refused = db.execute_unprepared(&format!("UPDATE stock SET {update}")).await;
            assert!(refused.is_err(), "{update}");
        }
    }
}

#[tokio::test]
async fn an_audit_names_a_level_that_the_ledger_does_not_explain() {
    for database in databases().await {
        let world = World::open(database).await;
        world.seller_with(10).await;
        world.ledger_agrees().await;
        world.database.execute("UPDATE movements SET on_hand_change = 9").await;
        let found = world.discrepancies().await;
        assert_eq!(found.len(), 1);
        assert!(
            found[0].ends_with("says 10 on hand and 0 reserved, its movements say 9 and 0"),
            "{found:?}"
        );
    }
}

#[tokio::test]
async fn nobody_sees_or_fills_anothers_warehouse() {
    for database in databases().await {
        let world = World::open(database).await;
        let (seller, other, variant) = (somebody(), somebody(), something());
        let warehouse = world.warehouse(seller, "CN", vec![]).await;
        let get = GetWarehouseRequest {
            warehouse_id: warehouse.id.clone(),
        };
        assert_eq!(
            world.warehouses(seller).get_warehouse(get.clone()).await.unwrap().into_inner(),
            warehouse
        );
        assert_eq!(world.warehouses(other).get_warehouse(get).await.unwrap_err().code(), Code::NotFound);
        let filled = world.stocks(other).receive_stock(receive(&warehouse, variant, 1)).await;
        assert_eq!(filled.unwrap_err().code(), Code::NotFound);
        let list = world
            .warehouses(other)
            .list_warehouses(ListWarehousesRequest::default())
            .await
            .unwrap();
        assert_eq!(list.into_inner().warehouses, []);
        let list = world
            .warehouses(seller)
            .list_warehouses(ListWarehousesRequest::default())
            .await
            .unwrap();
        assert_eq!(list.into_inner().warehouses, std::slice::from_ref(&warehouse));
    }
}

#[tokio::test]
async fn freight_rates_are_replaced_at_a_known_version_only() {
    for database in databases().await {
        let world = World::open(database).await;
        let seller = somebody();
        let warehouse = world.warehouse(seller, "CN", vec![rate(&["DE"], 5, 1)]).await;
        let set = |etag: &str, base| SetFreightRatesRequest {
            request_id: String::new(),
            warehouse_id: warehouse.id.clone(),
            freight_rates: vec![rate(&["DE"], base, 1)],
            etag: etag.to_owned(),
        };
        let changed = world.warehouses(seller).set_freight_rates(set("1", 7)).await.unwrap().into_inner();
        assert_eq!((changed.etag.as_str(), changed.freight_rates), ("2", vec![rate(&["DE"], 7, 1)]));
        let stale = world.warehouses(seller).set_freight_rates(set("1", 8)).await.unwrap_err();
        assert_eq!(stale.code(), Code::Aborted);
        let get = GetWarehouseRequest {
            warehouse_id: warehouse.id,
        };
        let read = world.warehouses(seller).get_warehouse(get).await.unwrap().into_inner();
        assert_eq!(read.etag, "2");
    }
}

#[tokio::test]
async fn bad_input_names_every_field_and_writes_nothing() {
    for database in databases().await {
        let world = World::open(database).await;
        let seller = somebody();
        let mut bad = rate(&["XX"], -1, 1);
        bad.per_kg = None;
        let request = CreateWarehouseRequest {
            request_id: String::new(),
            name: "Two\nlines".to_owned(),
            address: address("ZZ"),
            freight_rates: vec![rate(&[], -1, 0), bad],
        };
        let refused = world.warehouses(seller).create_warehouse(request).await.unwrap_err();
        assert_eq!(
            fields(&refused),
            [
                "name",
                "address.country",
                "freight_rates[0].base.minor_units",
                "freight_rates[1].countries[0]",
                "freight_rates[1].base.minor_units",
                "freight_rates[1].per_kg"
            ]
        );
        let warehouse = world.warehouse(seller, "CN", vec![]).await;
        for quantity in [0, -1, i64::MIN, i64::MAX] {
            let refused = world.stocks(seller).receive_stock(receive(&warehouse, "var_x", quantity)).await;
            assert_eq!(fields(&refused.unwrap_err()), ["variant_id", "quantity"]);
        }
        world.ledger_agrees().await;
        assert_eq!(world.told().await.len(), 0);
    }
}

#[tokio::test]
async fn a_freight_table_names_each_country_once() {
    let database = harness::Database::sqlite();
    let world = World::open(database).await;
    let request = CreateWarehouseRequest {
        request_id: String::new(),
        name: "Twice".to_owned(),
        address: address("CN"),
        freight_rates: vec![
            rate(&["DE", "FR", "DE"], 1, 0),
            rate(&["CN", "FR"], 2, 0),
            rate(&[], 3, 0),
            rate(&[], 4, 0),
        ],
    };
    let refused = world.warehouses(somebody()).create_warehouse(request).await.unwrap_err();
    assert_eq!(
        fields(&refused),
        [
            "freight_rates[0].countries",
            "freight_rates[1].countries",
            "freight_rates[3].countries"
        ]
    );
}

#[tokio::test]
async fn an_organisation_has_at_most_two_hundred_warehouses() {
    let database = harness::Database::sqlite();
    let world = World::open(database).await;
    let seller = somebody();
    let request = |key: usize| CreateWarehouseRequest {
        request_id: key.to_string(),
        name: "One of many".to_owned(),
        address: address("CN"),
        freight_rates: Vec::new(),
    };
    let mut last = None;
    for key in 1..=200 {
        last = Some(world.warehouses(seller).create_warehouse(request(key)).await.unwrap().into_inner());
    }
    let refused = world.warehouses(seller).create_warehouse(request(201)).await.unwrap_err();
    assert_eq!(reason(&refused), "TOO_MANY_WAREHOUSES");
    // Who asks again for the last one hears what it heard, and others have warehouses of their own.
    let again = world.warehouses(seller).create_warehouse(request(200)).await.unwrap().into_inner();
    assert_eq!(Some(again), last);
    world.warehouse(somebody(), "CN", vec![]).await;
}

#[tokio::test]
async fn anyone_sees_how_much_could_be_reserved() {
    for database in databases().await {
        let world = World::open(database).await;
        let (seller, variant) = world.seller_with(10).await;
        let request = GetAvailabilityRequest {
            variant_id: variant.to_string(),
            seller_id: seller.to_string(),
        };
        let found = world.stocks(somebody()).get_availability(request).await.unwrap().into_inner();
        assert_eq!(found.available, 10);
        let request = GetAvailabilityRequest {
            variant_id: something().to_string(),
            seller_id: seller.to_string(),
        };
        assert_eq!(
            world
                .stocks(somebody())
                .get_availability(request)
                .await
                .unwrap()
                .into_inner()
                .available,
            0
        );
    }
}
