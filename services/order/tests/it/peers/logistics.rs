//! Logistics: stock that is reserved, allocated, shipped or given back, and a tombstone for what was released.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex},
};

use events::Failure;
use harness::{Nats, Outbox};
use kernel::{OrderId, ShipmentId, Time, VariantId};
use proto::{
    logistics::v1::{
        AllocationFailed, CancellationAnswered, Delivered, OrderToReserve, ReleaseRequest, ReleaseResponse, ReserveRequest,
        ReserveResponse, ReservedOrder, Returned, ShipmentState, Shipped, Shortage, ShortageReason, TrackingUpdated,
        reservation_service_server::ReservationService,
    },
    money::v1::Money,
};
use tonic::{Request, Response, Status};

use super::{faults::Faults, order_of};

/// The freight of every order to every country but `NO_RATE`.
pub(crate) const FREIGHT: i64 = 500;

/// Nobody ships there.
pub(crate) const NO_RATE: &str = "AQ";

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Hold {
    Held(Vec<OrderToReserve>),
    Refused(Vec<Shortage>),
    Released,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Goods {
    Reserved,
    Allocated,
    Missing,
    Shipped,
    GivenBack,
}

#[derive(Default)]
struct State {
    available: HashMap<String, i64>,
    holds: BTreeMap<String, Hold>,
    goods: HashMap<String, (Goods, OrderToReserve)>,
}

pub(crate) struct Logistics {
    pub(crate) faults: Faults,
    state: Mutex<State>,
    outbox: Outbox,
}

impl Logistics {
    pub(crate) async fn start(nats: &Nats) -> Arc<Self> {
        let logistics = Arc::new(Self {
            faults: Faults::default(),
            state: Mutex::default(),
            outbox: Outbox::of("logistics", nats).await,
        });
        let [paid, cancelled, requested] = [0; 3].map(|_| Arc::clone(&logistics));
        logistics
            .outbox
            .consume("order")
            .on("order.v1.paid", move |event| {
                let logistics = Arc::clone(&paid);
                async move { logistics.paid(&order_of(&event)).await }
            })
            .on("order.v1.cancelled", move |event| {
                let logistics = Arc::clone(&cancelled);
                async move { logistics.give_back(&order_of(&event)) }
            })
            .on("order.v1.cancellation_requested", move |event| {
                let logistics = Arc::clone(&requested);
                async move { logistics.cancellation_requested(&order_of(&event)).await }
            })
            .start()
            .await
            .unwrap();
        logistics
    }

    pub(crate) fn stock(&self, variant: VariantId, pieces: i64) {
        self.state.lock().unwrap().available.insert(variant.to_string(), pieces);
    }

    pub(crate) fn available(&self, variant: VariantId) -> i64 {
        self.state.lock().unwrap().available[&variant.to_string()]
    }

    pub(crate) fn holds(&self) -> Vec<(String, Hold)> {
        self.state.lock().unwrap().holds.clone().into_iter().collect()
    }

    pub(crate) fn goods(&self, order: &str) -> Option<Goods> {
        self.state.lock().unwrap().goods.get(order).map(|(goods, _)| *goods)
    }

    /// Somebody else takes what an order reserved.
    pub(crate) fn lose(&self, order: &str) {
        if let Some((goods, _)) = self.state.lock().unwrap().goods.get_mut(order) {
            *goods = Goods::Missing;
        }
    }

    fn reserve(&self, request: &ReserveRequest) -> Result<ReserveResponse, Status> {
        let mut state = self.state.lock().unwrap();
        match state.holds.get(&request.checkout_id) {
            Some(Hold::Released) => return Err(Status::failed_precondition("released")),
            Some(Hold::Refused(shortages)) => return Ok(refused(shortages.clone())),
            Some(Hold::Held(orders)) => return Ok(reserved(orders, &request.currency)),
            None => {}
        }
        let shortages = shortages(&state.available, request);
        if !shortages.is_empty() {
            state.holds.insert(request.checkout_id.clone(), Hold::Refused(shortages.clone()));
            return Ok(refused(shortages));
        }
        for order in &request.orders {
            for line in &order.lines {
                *state.available.get_mut(&line.variant_id).unwrap() -= line.quantity;
            }
            state.goods.insert(order.order_id.clone(), (Goods::Reserved, order.clone()));
        }
        state.holds.insert(request.checkout_id.clone(), Hold::Held(request.orders.clone()));
        Ok(reserved(&request.orders, &request.currency))
    }

    fn release(&self, checkout: &str) {
        let before = self.state.lock().unwrap().holds.insert(checkout.to_owned(), Hold::Released);
        if let Some(Hold::Held(orders)) = before {
            orders.iter().for_each(|order| self.give_back(&order.order_id).unwrap());
        }
    }

    fn give_back(&self, order: &str) -> Result<(), Failure> {
        let mut state = self.state.lock().unwrap();
        let State { available, goods, .. } = &mut *state;
        if let Some((goods @ (Goods::Reserved | Goods::Allocated), order)) = goods.get_mut(order) {
            *goods = Goods::GivenBack;
            for line in &order.lines {
                *available.get_mut(&line.variant_id).unwrap() += line.quantity;
            }
        }
        Ok(())
    }

    /// Reservations are given back by themselves after their time.
    pub(crate) fn expire(&self) {
        for (checkout, _) in self.holds() {
            Logistics::release(self, &checkout);
        }
    }

    async fn paid(&self, order: &str) -> Result<(), Failure> {
        let missing = {
            let mut state = self.state.lock().unwrap();
            match state.goods.get_mut(order) {
                Some((goods @ Goods::Reserved, _)) => {
                    *goods = Goods::Allocated;
                    false
                }
                Some((Goods::Allocated | Goods::Shipped, _)) => false,
                Some((Goods::Missing | Goods::GivenBack, _)) | None => true,
            }
        };
        if missing {
            let body = AllocationFailed {
                order_id: order.to_owned(),
                ..AllocationFailed::default()
            };
            self.emit("logistics.v1.allocation_failed", order, &body).await;
        }
        Ok(())
    }

    async fn cancellation_requested(&self, order: &str) -> Result<(), Failure> {
        let body = CancellationAnswered {
            order_id: order.to_owned(),
            ..CancellationAnswered::default()
        };
        let subject = if self.goods(order) == Some(Goods::Shipped) {
            "logistics.v1.cancellation_refused"
        } else {
            self.give_back(order)?;
            "logistics.v1.cancellation_accepted"
        };
        self.emit(subject, order, &body).await;
        Ok(())
    }

    /// The goods leave the house; order hears of it only if it is told.
    pub(crate) fn hand_over(&self, order: &str) {
        self.state.lock().unwrap().goods.get_mut(order).unwrap().0 = Goods::Shipped;
    }

    pub(crate) async fn tell_shipped(&self, order: &str) {
        let body = Shipped {
            order_id: order.to_owned(),
            shipment_id: ShipmentId::at(Time::from_micros(1)).to_string(),
            tracking_number: "T1".to_owned(),
            ..Shipped::default()
        };
        self.emit("logistics.v1.shipped", order, &body).await;
    }

    pub(crate) async fn ship(&self, order: &str) {
        self.hand_over(order);
        self.tell_shipped(order).await;
    }

    pub(crate) async fn deliver(&self, order: &str) {
        self.track(order, ShipmentState::Delivered).await;
        let body = Delivered {
            order_id: order.to_owned(),
            ..Delivered::default()
        };
        self.emit("logistics.v1.delivered", order, &body).await;
    }

    /// No parcel arrives: the goods are in stock again.
    pub(crate) async fn come_back(&self, order: &str) {
        {
            let mut state = self.state.lock().unwrap();
            let State { available, goods, .. } = &mut *state;
            let (goods, order) = goods.get_mut(order).unwrap();
            assert_eq!(*goods, Goods::Shipped);
            *goods = Goods::GivenBack;
            for line in &order.lines {
                *available.get_mut(&line.variant_id).unwrap() += line.quantity;
            }
        }
        self.track(order, ShipmentState::Returned).await;
        let body = Returned {
            order_id: order.to_owned(),
            shipment_id: ShipmentId::at(Time::from_micros(1)).to_string(),
            ..Returned::default()
        };
        self.emit("logistics.v1.returned", order, &body).await;
    }

    pub(crate) async fn track(&self, order: &str, state: ShipmentState) {
        let body = TrackingUpdated {
            order_id: order.to_owned(),
            status: state.as_str_name().to_owned(),
            ..TrackingUpdated::default()
        };
        self.emit("logistics.v1.tracking_updated", order, &body).await;
    }

    async fn emit(&self, subject: &'static str, order: &str, body: &impl prost::Message) {
        let order: OrderId = order.parse().unwrap();
        self.outbox.tell(subject, order, body).await;
    }
}

fn shortages(available: &HashMap<String, i64>, request: &ReserveRequest) -> Vec<Shortage> {
    let lines = request
        .orders
        .iter()
        .flat_map(|order| order.lines.iter().map(move |line| (order, line)));
    let short = lines.filter_map(|(order, line)| {
        let available = available.get(&line.variant_id).copied().unwrap_or_default();
        let no_rate = request.ship_to_country == NO_RATE && !order.freight_agreed;
        let reason = match (available < line.quantity, no_rate) {
            (true, _) => ShortageReason::OutOfStock,
            (false, true) => ShortageReason::NoFreightRate,
            (false, false) => return None,
        };
        Some(Shortage {
            variant_id: line.variant_id.clone(),
            wanted: line.quantity,
            available,
            reason: reason.into(),
        })
    });
    short.collect()
}

fn refused(shortages: Vec<Shortage>) -> ReserveResponse {
    ReserveResponse {
        orders: Vec::new(),
        shortages,
    }
}

fn reserved(orders: &[OrderToReserve], currency: &str) -> ReserveResponse {
    let orders = orders.iter().map(|order| ReservedOrder {
        order_id: order.order_id.clone(),
        freight: Some(Money {
            minor_units: if order.freight_agreed { 0 } else { FREIGHT },
            currency: currency.to_owned(),
        }),
    });
    ReserveResponse {
        orders: orders.collect(),
        shortages: Vec::new(),
    }
}

#[tonic::async_trait]
impl ReservationService for Logistics {
    async fn reserve(&self, request: Request<ReserveRequest>) -> Result<Response<ReserveResponse>, Status> {
        let request = request.into_inner();
        let reserve = async { Logistics::reserve(self, &request) };
        self.faults.meet("Reserve", reserve).await.map(Response::new)
    }

    async fn release(&self, request: Request<ReleaseRequest>) -> Result<Response<ReleaseResponse>, Status> {
        let request = request.into_inner();
        let release = async {
            Logistics::release(self, &request.checkout_id);
            Ok(ReleaseResponse {})
        };
        self.faults.meet("Release", release).await.map(Response::new)
    }
}
