//! Payment: intents that are opened, paid or cancelled, and an escrow for each order.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex},
};

use events::Failure;
use harness::{Nats, Outbox};
use kernel::{CheckoutId, OrderId};
use proto::{
    money::v1::Money,
    payment::v1::{
        CancelIntentRequest, CancelIntentResponse, EscrowChanged, EscrowFunded, IntentCancelled, OpenIntentRequest, OrderAmount,
        Payment as Message, PaymentState, cancel_intent_response::Outcome, intent_service_server::IntentService,
    },
};
use tonic::{Request, Response, Status};

use super::{faults::Faults, order_of};

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Intent {
    Open(OpenIntentRequest),
    Processing(OpenIntentRequest),
    Succeeded(OpenIntentRequest),
    /// With what was asked for, if it was ever opened.
    Cancelled(Option<OpenIntentRequest>),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Escrow {
    Held,
    Released,
    Refunded,
}

/// What nobody may pay at once, in minor units.
pub(crate) const LIMIT: i64 = 1_000_000;

pub(crate) struct Payment {
    pub(crate) faults: Faults,
    intents: Mutex<BTreeMap<String, Intent>>,
    escrows: Mutex<HashMap<String, (Escrow, Money)>>,
    outbox: Outbox,
}

impl Payment {
    pub(crate) async fn start(nats: &Nats) -> Arc<Self> {
        let payment = Arc::new(Self {
            faults: Faults::default(),
            intents: Mutex::default(),
            escrows: Mutex::default(),
            outbox: Outbox::of("payment", nats).await,
        });
        let [accepted, refund] = [0; 2].map(|_| Arc::clone(&payment));
        let (released, refunded) = ("payment.v1.escrow_released", "payment.v1.escrow_refunded");
        let hearing = payment.outbox.consume("order");
        let hearing = hearing.on("order.v1.accepted", move |event| {
            let payment = Arc::clone(&accepted);
            async move { payment.settle(&order_of(&event), Escrow::Released, released).await }
        });
        let hearing = hearing.on("order.v1.refund_requested", move |event| {
            let payment = Arc::clone(&refund);
            async move { payment.settle(&order_of(&event), Escrow::Refunded, refunded).await }
        });
        hearing.start().await.unwrap();
        payment
    }

    pub(crate) fn intents(&self) -> Vec<(String, Intent)> {
        self.intents.lock().unwrap().clone().into_iter().collect()
    }

    pub(crate) fn intent(&self, payment: &str) -> Option<Intent> {
        self.intents.lock().unwrap().get(payment).cloned()
    }

    pub(crate) fn escrow(&self, order: &str) -> Option<Escrow> {
        self.escrows.lock().unwrap().get(order).map(|(escrow, _)| *escrow)
    }

    /// The payer's money is under way.
    pub(crate) fn process(&self, payment: &str) {
        let mut intents = self.intents.lock().unwrap();
        let intent = intents.get_mut(payment).unwrap();
        if let Intent::Open(request) = intent {
            *intent = Intent::Processing(request.clone());
        }
    }

    /// The payer's money is captured; order hears of it only if it is told.
    pub(crate) fn capture(&self, payment: &str) -> OpenIntentRequest {
        let mut intents = self.intents.lock().unwrap();
        let intent = intents.get_mut(payment).unwrap();
        let request = match intent {
            Intent::Open(request) | Intent::Processing(request) | Intent::Succeeded(request) => request.clone(),
            Intent::Cancelled(_) => panic!("nobody can pay a cancelled intent"),
        };
        *intent = Intent::Succeeded(request.clone());
        self.hold(&request);
        request
    }

    fn hold(&self, request: &OpenIntentRequest) {
        let mut escrows = self.escrows.lock().unwrap();
        for order in &request.orders {
            escrows.insert(order.order_id.clone(), (Escrow::Held, order.amount.clone().unwrap()));
        }
    }

    /// Money is in escrow for an intent that was cancelled: payment had been told so, and has lost its memory of it.
    pub(crate) async fn pay_late(&self, payment: &str) {
        let Some(Intent::Cancelled(Some(request))) = self.intent(payment) else {
            panic!("{payment} is not cancelled");
        };
        self.hold(&request);
        self.tell_funded(&request).await;
    }

    /// The payer pays.
    pub(crate) async fn pay(&self, payment: &str) {
        let request = self.capture(payment);
        self.tell_funded(&request).await;
    }

    pub(crate) async fn tell_funded(&self, request: &OpenIntentRequest) {
        for order in &request.orders {
            let body = EscrowFunded {
                payment_id: request.payment_id.clone(),
                checkout_id: request.checkout_id.clone(),
                order_id: order.order_id.clone(),
                amount: order.amount.clone(),
                ..EscrowFunded::default()
            };
            let id: OrderId = order.order_id.parse().unwrap();
            self.outbox.tell("payment.v1.escrow_funded", id, &body).await;
        }
    }

    async fn settle(&self, order: &str, to: Escrow, subject: &'static str) -> Result<(), Failure> {
        let amount = match self.escrows.lock().unwrap().get_mut(order) {
            Some((escrow @ Escrow::Held, amount)) => {
                *escrow = to;
                amount.clone()
            }
            Some((Escrow::Released | Escrow::Refunded, _)) | None => return Ok(()),
        };
        let body = EscrowChanged {
            order_id: order.to_owned(),
            amount: Some(amount),
            ..EscrowChanged::default()
        };
        let id: OrderId = order.parse()?;
        self.outbox.tell(subject, id, &body).await;
        Ok(())
    }

    fn open(&self, request: OpenIntentRequest) -> Result<Message, Status> {
        let mut intents = self.intents.lock().unwrap();
        let id = request.payment_id.clone();
        let total: i64 = request.orders.iter().map(|order| order.amount.as_ref().unwrap().minor_units).sum();
        if total > LIMIT {
            return Err(Status::failed_precondition("too much"));
        }
        match intents.get(&id) {
            None => {
                intents.insert(id.clone(), Intent::Open(request));
            }
            Some(Intent::Cancelled(None)) => return Err(Status::failed_precondition("cancelled")),
            Some(Intent::Cancelled(Some(known))) if *known == request => {
                let state = PaymentState::Cancelled.into();
                return Ok(Message {
                    id,
                    state,
                    ..Message::default()
                });
            }
            Some(Intent::Open(known) | Intent::Processing(known) | Intent::Succeeded(known)) if *known == request => {}
            Some(Intent::Open(_) | Intent::Processing(_) | Intent::Succeeded(_) | Intent::Cancelled(Some(_))) => {
                return Err(Status::already_exists("with other amounts"));
            }
        }
        Ok(Message { id, ..Message::default() })
    }

    async fn cancel(&self, payment: &str, reason: &str) -> CancelIntentResponse {
        let answer = |outcome: Outcome, orders: &[OrderAmount]| CancelIntentResponse {
            outcome: outcome.into(),
            orders: orders.to_vec(),
        };
        let cancelled = {
            let mut intents = self.intents.lock().unwrap();
            let intent = intents.entry(payment.to_owned()).or_insert(Intent::Cancelled(None));
            match intent {
                Intent::Open(request) => {
                    let request = request.clone();
                    *intent = Intent::Cancelled(Some(request.clone()));
                    request
                }
                Intent::Cancelled(_) => return answer(Outcome::Cancelled, &[]),
                Intent::Processing(_) => return answer(Outcome::Processing, &[]),
                Intent::Succeeded(request) => return answer(Outcome::Succeeded, &request.orders),
            }
        };
        self.tell_cancelled(&cancelled, reason).await;
        answer(Outcome::Cancelled, &[])
    }

    async fn tell_cancelled(&self, request: &OpenIntentRequest, reason: &str) {
        let body = IntentCancelled {
            payment_id: request.payment_id.clone(),
            checkout_id: request.checkout_id.clone(),
            payer_id: request.payer_id.clone(),
            reason: reason.to_owned(),
        };
        let id: CheckoutId = request.checkout_id.parse().unwrap();
        self.outbox.tell("payment.v1.intent_cancelled", id, &body).await;
    }

    /// An operator cancels an intent, without order having asked.
    pub(crate) async fn cancel_by_itself(&self, payment: &str) {
        self.cancel(payment, "").await;
    }
}

#[tonic::async_trait]
impl IntentService for Payment {
    async fn open_intent(&self, request: Request<OpenIntentRequest>) -> Result<Response<Message>, Status> {
        let open = async { self.open(request.into_inner()) };
        self.faults.meet("OpenIntent", open).await.map(Response::new)
    }

    async fn cancel_intent(&self, request: Request<CancelIntentRequest>) -> Result<Response<CancelIntentResponse>, Status> {
        let request = request.into_inner();
        let cancel = async { Ok(self.cancel(&request.payment_id, &request.reason).await) };
        self.faults.meet("CancelIntent", cancel).await.map(Response::new)
    }
}
