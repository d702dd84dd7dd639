//! The service as a process runs it: behind its server, its access rules and its tokens.

use std::time::Duration;

use harness::{Authority, Nats, channel, databases, usd};
use kernel::Clock;
use logistics::Config;
use proto::logistics::v1::{
    CreateWarehouseRequest, ReceiveStockRequest, reservation_service_client::ReservationServiceClient,
    stock_service_client::StockServiceClient, warehouse_service_client::WarehouseServiceClient,
};
use runtime::SystemClock;
use tonic::{Code, Request};

use crate::world::{a_checkout, address, rate, request, somebody, something, wanted};

#[tokio::test(flavor = "multi_thread")]
async fn a_running_service_lets_sellers_stock_and_only_order_reserve() {
    for database in databases().await {
        let (authority, nats) = (Authority::new(), Nats::start().await);
        let settings = authority.settings("logistics", database.url(), &nats.url(), &[]);
        let start = authority.start("logistics", settings, Config::default()).await;
        let (channel, shutdown) = (channel(start.address()), start.shutdown.clone());
        let running = tokio::spawn(logistics::run(start));

        let (seller, variant) = (somebody(), something());
        let warehouse = CreateWarehouseRequest {
            request_id: String::new(),
            name: "Quay".to_owned(),
            address: address("CN"),
            freight_rates: vec![rate(&["DE"], 100, 10)],
        };
        let mut warehouses = WarehouseServiceClient::new(channel.clone());
        let stranger = warehouses.create_warehouse(Request::new(warehouse.clone())).await.unwrap_err();
        assert_eq!(stranger.code(), Code::Unauthenticated);
        let reader = authority.person_with(seller, "logistics.read", &[], warehouse.clone());
        assert_eq!(
            warehouses.create_warehouse(reader).await.unwrap_err().code(),
            Code::PermissionDenied
        );
        let warehouse = warehouses
            .create_warehouse(authority.person(seller, warehouse))
            .await
            .unwrap()
            .into_inner();
        let goods = ReceiveStockRequest {
            request_id: String::new(),
            warehouse_id: warehouse.id,
            variant_id: variant.to_string(),
            quantity: 3,
            note: String::new(),
        };
        StockServiceClient::new(channel.clone())
            .receive_stock(authority.person(seller, goods))
            .await
            .unwrap();

        let mut wish = request(a_checkout(), &[wanted(seller, &[(variant, 2)])]);
        wish.expire_time = Some(runtime::timestamp(SystemClock.now().plus(Duration::from_secs(600))));
        let mut reservations = ReservationServiceClient::new(channel);
        let person = reservations.reserve(authority.person(seller, wish.clone())).await.unwrap_err();
        assert_eq!(person.code(), Code::PermissionDenied);
        let other = reservations
            .reserve(authority.service("payment", "logistics", wish.clone()))
            .await
            .unwrap_err();
        assert_eq!(other.code(), Code::PermissionDenied);
        let answer = reservations
            .reserve(authority.service("order", "logistics", wish))
            .await
            .unwrap()
            .into_inner();
        assert_eq!(answer.orders[0].freight, usd(110));

        shutdown.cancel();
        running.await.unwrap().unwrap();
    }
}
