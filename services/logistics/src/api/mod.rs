//! The verbs of logistics: one RPC a file. Besides, `present` says nouns as the
//! protos write them, and `freight_rates` reads and writes freight tables.

mod adjust_stock;
mod count_stock;
mod create_shipment;
mod create_warehouse;
mod freight_rates;
mod get_availability;
mod get_shipment;
mod get_stock;
mod get_warehouse;
mod list_movements;
mod list_shipments;
mod list_tracking_events;
mod list_warehouses;
mod present;
mod receive_carrier_events;
mod receive_stock;
mod release;
mod reserve;
mod set_freight_rates;

use std::sync::Arc;

use kernel::Time;
use proto::logistics::v1::{
    AdjustStockRequest, Availability, CreateShipmentRequest, CreateWarehouseRequest, GetAvailabilityRequest, GetShipmentRequest,
    GetStockRequest, GetWarehouseRequest, ListMovementsRequest, ListMovementsResponse, ListShipmentsRequest, ListShipmentsResponse,
    ListTrackingEventsRequest, ListTrackingEventsResponse, ListWarehousesRequest, ListWarehousesResponse, ReceiveCarrierEventsRequest,
    ReceiveCarrierEventsResponse, ReceiveStockRequest, ReleaseRequest, ReleaseResponse, ReserveRequest, ReserveResponse,
    SetFreightRatesRequest, Shipment, Stock, Warehouse, carrier_service_server::CarrierService,
    reservation_service_server::ReservationService, shipment_service_server::ShipmentService, stock_service_server::StockService,
    warehouse_service_server::WarehouseService,
};
use store::Store;
use tonic::{Request, Response, Status};

use crate::{carriers::Carriers, networks::Networks};

/// What every handler works with.
pub(crate) struct Api {
    pub(crate) store: Store,
    pub(crate) networks: Arc<Networks>,
    pub(crate) carriers: Carriers,
}

impl Api {
    pub(crate) fn new(store: Store, networks: Arc<Networks>, carriers: Carriers) -> Self {
        Self { store, networks, carriers }
    }

    fn now(&self) -> Time {
        self.store.clock().now()
    }
}

#[tonic::async_trait]
impl WarehouseService for Api {
    async fn create_warehouse(&self, request: Request<CreateWarehouseRequest>) -> Result<Response<Warehouse>, Status> {
        create_warehouse::handle(self, &request).await.map(Response::new)
    }

    async fn get_warehouse(&self, request: Request<GetWarehouseRequest>) -> Result<Response<Warehouse>, Status> {
        get_warehouse::handle(self, &request).await.map(Response::new)
    }

    async fn list_warehouses(&self, request: Request<ListWarehousesRequest>) -> Result<Response<ListWarehousesResponse>, Status> {
        list_warehouses::handle(self, &request).await.map(Response::new)
    }

    async fn set_freight_rates(&self, request: Request<SetFreightRatesRequest>) -> Result<Response<Warehouse>, Status> {
        set_freight_rates::handle(self, &request).await.map(Response::new)
    }
}

#[tonic::async_trait]
impl StockService for Api {
    async fn receive_stock(&self, request: Request<ReceiveStockRequest>) -> Result<Response<Stock>, Status> {
        receive_stock::handle(self, &request).await.map(Response::new)
    }

    async fn adjust_stock(&self, request: Request<AdjustStockRequest>) -> Result<Response<Stock>, Status> {
        adjust_stock::handle(self, &request).await.map(Response::new)
    }

    async fn get_stock(&self, request: Request<GetStockRequest>) -> Result<Response<Stock>, Status> {
        get_stock::handle(self, &request).await.map(Response::new)
    }

    async fn get_availability(&self, request: Request<GetAvailabilityRequest>) -> Result<Response<Availability>, Status> {
        get_availability::handle(self, &request).await.map(Response::new)
    }

    async fn list_movements(&self, request: Request<ListMovementsRequest>) -> Result<Response<ListMovementsResponse>, Status> {
        list_movements::handle(self, &request).await.map(Response::new)
    }
}

#[tonic::async_trait]
impl ReservationService for Api {
    async fn reserve(&self, request: Request<ReserveRequest>) -> Result<Response<ReserveResponse>, Status> {
        reserve::handle(self, request.into_inner()).await.map(Response::new)
    }

    async fn release(&self, request: Request<ReleaseRequest>) -> Result<Response<ReleaseResponse>, Status> {
        release::handle(self, request.into_inner()).await.map(Response::new)
    }
}

#[tonic::async_trait]
impl ShipmentService for Api {
    async fn create_shipment(&self, request: Request<CreateShipmentRequest>) -> Result<Response<Shipment>, Status> {
        create_shipment::handle(self, &request).await.map(Response::new)
    }

    async fn get_shipment(&self, request: Request<GetShipmentRequest>) -> Result<Response<Shipment>, Status> {
        get_shipment::handle(self, &request).await.map(Response::new)
    }

    async fn list_shipments(&self, request: Request<ListShipmentsRequest>) -> Result<Response<ListShipmentsResponse>, Status> {
        list_shipments::handle(self, &request).await.map(Response::new)
    }

    async fn list_tracking_events(
        &self,
        request: Request<ListTrackingEventsRequest>,
    ) -> Result<Response<ListTrackingEventsResponse>, Status> {
        list_tracking_events::handle(self, &request).await.map(Response::new)
    }
}

#[tonic::async_trait]
impl CarrierService for Api {
    async fn receive_carrier_events(
        &self,
        request: Request<ReceiveCarrierEventsRequest>,
    ) -> Result<Response<ReceiveCarrierEventsResponse>, Status> {
        receive_carrier_events::handle(self, &request).await.map(Response::new)
    }
}
