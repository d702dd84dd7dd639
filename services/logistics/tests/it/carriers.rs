//! What carriers report.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use harness::{databases, fields};
use hmac::{Hmac, KeyInit, Mac};
use kernel::{Clock, OrganisationId, ShipmentId};
use proto::{
    google::api::HttpBody,
    logistics::v1::{
        GetShipmentRequest, ListMovementsRequest, ListTrackingEventsRequest, MovementKind, ReceiveCarrierEventsRequest,
        ReceiveCarrierEventsResponse, Shipment, ShipmentState,
    },
};
use serde_json::{Value, json};
use sha2::Sha256;
use tonic::{Code, Request, Status};

use crate::{
    shipping::{paid, paid_after, ship},
    world::{SECRET, Wanted, World},
};

fn event(id: &str, number: &str, status: &str, minute: u32) -> Value {
    json!({"id": id, "tracking_number": number, "status": status, "occurred_at": format!("2026-02-02T01:{minute:02}:00Z"), "location": "Hub"})
}

fn signed(carrier: &str, secret: &str, delivery: &str, seconds: i64, body: &[u8]) -> Request<ReceiveCarrierEventsRequest> {
    let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
    mac.update(format!("{delivery}.{seconds}.").as_bytes());
    mac.update(body);
    let signature = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
    let mut request = Request::new(ReceiveCarrierEventsRequest {
        carrier: carrier.to_owned(),
        body: Some(HttpBody {
            content_type: "application/json".to_owned(),
            data: body.to_vec().into(),
            ..HttpBody::default()
        }),
    });
    for (name, value) in [
        ("webhook-id", delivery),
        ("webhook-timestamp", &seconds.to_string()),
        ("webhook-signature", &signature),
    ] {
        request.metadata_mut().insert(name, value.parse().unwrap());
    }
    request
}

pub(crate) async fn report(world: &World, delivery: &str, events: Vec<Value>) -> Result<ReceiveCarrierEventsResponse, Status> {
    let seconds = world.clock.now().micros() / 1_000_000;
    let body = json!({ "events": events }).to_string();
    let request = signed("sandbox", SECRET, delivery, seconds, body.as_bytes());
    Ok(world.carriers().receive_carrier_events(request).await?.into_inner())
}

async fn shown(world: &World, order: &Wanted, shipment: &Shipment) -> Shipment {
    let request = GetShipmentRequest {
        shipment_id: shipment.id.clone(),
    };
    world.shipments(order.buyer).get_shipment(request).await.unwrap().into_inner()
}

async fn listed(world: &World, party: OrganisationId, shipment: &Shipment) -> Vec<String> {
    let request = ListTrackingEventsRequest {
        shipment_id: shipment.id.clone(),
    };
    let list = world.shipments(party).list_tracking_events(request).await.unwrap().into_inner();
    list.events.into_iter().map(|event| event.carrier_event_id).collect()
}

async fn told(world: &World, shipment: &Shipment, subject: &str) -> usize {
    world.count_told(subject, shipment.id.parse::<ShipmentId>().unwrap()).await
}

const DAY: Duration = Duration::from_secs(24 * 3_600);

#[tokio::test(flavor = "multi_thread")]
async fn late_and_repeated_reports_are_filed_where_they_happened() {
    for database in databases().await {
        let (world, order) = paid(database).await;
        let shipment = ship(&world, &order, "", &["PARCEL-1", "PARCEL-2"]).await.unwrap();
        let first = vec![
            event("b", "PARCEL-1", "out_for_delivery", 20),
            event("b", "PARCEL-1", "out_for_delivery", 20),
        ];
        let answer = report(&world, "one", first).await.unwrap();
        assert_eq!((answer.accepted, answer.already_known), (1, 1));
        let late = vec![
            event("a", "PARCEL-1", "in_transit", 10),
            event("b", "PARCEL-1", "out_for_delivery", 20),
        ];
        let answer = report(&world, "two", late).await.unwrap();
        assert_eq!((answer.accepted, answer.already_known), (1, 1));
        let now = shown(&world, &order, &shipment).await;
        assert_eq!(
            (now.state(), now.parcels[0].state()),
            (ShipmentState::InTransit, ShipmentState::OutForDelivery)
        );

        report(&world, "three", vec![event("c", "PARCEL-1", "delivered", 30)])
            .await
            .unwrap();
        assert_eq!(told(&world, &shipment, "logistics.v1.delivered").await, 0);
        let rest = vec![event("d", "PARCEL-2", "delivered", 40), event("e", "PARCEL-2", "in_transit", 50)];
        report(&world, "four", rest).await.unwrap();
        report(&world, "five", vec![event("f", "PARCEL-1", "returned", 55)]).await.unwrap();
        let now = shown(&world, &order, &shipment).await;
        assert_eq!(now.state(), ShipmentState::Delivered);
        assert_eq!(now.delivered_time.unwrap().seconds, 1_769_994_000 + 40 * 60);
        assert_eq!(told(&world, &shipment, "logistics.v1.delivered").await, 1);
        assert_eq!(told(&world, &shipment, "logistics.v1.tracking_updated").await, 2);

        assert_eq!(listed(&world, order.seller, &shipment).await, ["a", "b", "c", "d", "e", "f"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_carrier_may_know_a_parcel_before_its_seller_tells_us() {
    for database in databases().await {
        let (world, order) = paid(database).await;
        report(&world, "one", vec![event("a", "EARLY-1", "delivered", 10)]).await.unwrap();
        let shipment = ship(&world, &order, "", &["EARLY-1"]).await.unwrap();
        assert_eq!(shipment.state(), ShipmentState::Delivered);
        for subject in ["logistics.v1.shipped", "logistics.v1.tracking_updated", "logistics.v1.delivered"] {
            assert_eq!(told(&world, &shipment, subject).await, 1, "{subject}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_reported_before_the_order_is_about_another_parcel() {
    for database in databases().await {
        let (world, order) = paid(database).await;
        let mut old = event("a", "AGAIN-1", "delivered", 10);
        old["occurred_at"] = json!("2025-01-02T01:00:00Z");
        report(&world, "one", vec![old]).await.unwrap();
        let shipment = ship(&world, &order, "", &["AGAIN-1"]).await.unwrap();
        assert_eq!(shipment.state(), ShipmentState::Purchased);
        assert_eq!(told(&world, &shipment, "logistics.v1.delivered").await, 0);
        let mut late = event("c", "AGAIN-1", "delivered", 10);
        late["occurred_at"] = json!("2025-01-03T01:00:00Z");
        report(&world, "two", vec![late, event("b", "AGAIN-1", "in_transit", 50)])
            .await
            .unwrap();
        assert_eq!(shown(&world, &order, &shipment).await.state(), ShipmentState::InTransit);
        assert_eq!(told(&world, &shipment, "logistics.v1.delivered").await, 0);
        assert_eq!(listed(&world, order.buyer, &shipment).await, ["b"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_is_used_again_after_its_parcel_ended_and_neither_buyer_sees_the_others() {
    for database in databases().await {
        let (world, old) = paid(database).await;
        let first = ship(&world, &old, "", &["AGAIN-1"]).await.unwrap();
        let early = vec![event("a", "AGAIN-1", "in_transit", 5), event("b", "AGAIN-1", "delivered", 10)];
        report(&world, "one", early).await.unwrap();
        // An order that was made before the parcel arrived, or soon after,
        // cannot be shipped with its number, whatever its seller hopes for.
        let other = paid_after(&world, 2 * DAY).await;
        let taken = ship(&world, &other, "", &["AGAIN-1"]).await.unwrap_err();
        assert_eq!(taken.code(), Code::AlreadyExists);

        let new = paid_after(&world, DAY).await;
        let second = ship(&world, &new, "", &["AGAIN-1"]).await.unwrap();
        assert_eq!(second.state(), ShipmentState::Purchased);
        let mut delivered = event("c", "AGAIN-1", "delivered", 0);
        delivered["occurred_at"] = json!("2026-02-05T01:30:00Z");
        report(&world, "two", vec![delivered]).await.unwrap();
        assert_eq!(shown(&world, &new, &second).await.state(), ShipmentState::Delivered);
        assert_eq!(listed(&world, old.buyer, &first).await, ["a", "b"]);
        assert_eq!(listed(&world, new.buyer, &second).await, ["c"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_back_whole_or_never_left_is_in_stock_again_and_told_once() {
    for database in databases().await {
        let (world, order) = paid(database).await;
        let (seller, variant) = (order.seller, order.lines[0].0);
        let shipment = ship(&world, &order, "", &["PARCEL-1", "PARCEL-2"]).await.unwrap();
        report(&world, "one", vec![event("a", "PARCEL-1", "returned", 10)]).await.unwrap();
        assert_eq!(world.levels(seller, variant).await, (5, 0));
        assert_eq!(told(&world, &shipment, "logistics.v1.returned").await, 0);
        let rest = vec![event("b", "PARCEL-2", "cancelled", 20), event("c", "PARCEL-1", "returned", 30)];
        report(&world, "two", rest.clone()).await.unwrap();
        report(&world, "three", rest).await.unwrap();
        report(&world, "four", vec![event("d", "PARCEL-2", "delivered", 40)]).await.unwrap();
        assert_eq!(shown(&world, &order, &shipment).await.state(), ShipmentState::Returned);
        let counts = [
            told(&world, &shipment, "logistics.v1.returned").await,
            told(&world, &shipment, "logistics.v1.delivered").await,
        ];
        assert_eq!(counts, [1, 0]);
        assert_eq!(world.levels(seller, variant).await, (10, 0));
        let request = ListMovementsRequest {
            variant_id: variant.to_string(),
            ..ListMovementsRequest::default()
        };
        let ledger = world.stocks(seller).list_movements(request).await.unwrap().into_inner();
        let back = ledger.movements.iter().filter(|movement| movement.kind() == MovementKind::Returned);
        let back: Vec<_> = back.map(|movement| (movement.on_hand_change, movement.order_id.clone())).collect();
        assert_eq!(back, [(5, order.order.to_string())]);
        world.ledger_agrees().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_back_before_its_seller_told_us_of_it_is_in_stock_again() {
    for database in databases().await {
        let (world, order) = paid(database).await;
        report(&world, "one", vec![event("a", "EARLY-1", "returned", 10)]).await.unwrap();
        let shipment = ship(&world, &order, "", &["EARLY-1"]).await.unwrap();
        assert_eq!(shipment.state(), ShipmentState::Returned);
        for subject in ["logistics.v1.shipped", "logistics.v1.returned"] {
            assert_eq!(told(&world, &shipment, subject).await, 1, "{subject}");
        }
        assert_eq!(world.levels(order.seller, order.lines[0].0).await, (10, 0));
        world.ledger_agrees().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shipment_that_arrived_in_part_and_came_back_in_part_needs_somebody() {
    for database in databases().await {
        let (world, order) = paid(database).await;
        let shipment = ship(&world, &order, "", &["PARCEL-1", "PARCEL-2"]).await.unwrap();
        let ends = vec![event("a", "PARCEL-1", "delivered", 10), event("b", "PARCEL-2", "returned", 20)];
        report(&world, "one", ends).await.unwrap();
        let now = shown(&world, &order, &shipment).await;
        assert_eq!((now.state(), now.delivered_time), (ShipmentState::NeedsAttention, None));
        for subject in ["logistics.v1.returned", "logistics.v1.delivered"] {
            assert_eq!(told(&world, &shipment, subject).await, 0, "{subject}");
        }
        assert_eq!(world.levels(order.seller, order.lines[0].0).await, (5, 0));
    }
}

#[tokio::test]
async fn what_is_not_signed_by_the_carrier_is_refused() {
    for database in databases().await {
        let world = World::open(database).await;
        let seconds = world.clock.now().micros() / 1_000_000;
        let body = json!({ "events": [event("a", "PARCEL-1", "delivered", 1)] }).to_string();
        let body = body.as_bytes();
        let other = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        let refused = [
            (signed("sandbox", other, "one", seconds, body), Code::Unauthenticated),
            (signed("sandbox", SECRET, "one", seconds - 600, body), Code::Unauthenticated),
            // A carrier without a secret cannot prove anything, whatever it signs with.
            (signed("quiet", other, "one", seconds, body), Code::Unauthenticated),
            (signed("unknown", SECRET, "one", seconds, body), Code::NotFound),
            (
                Request::new(signed("sandbox", SECRET, "one", seconds, body).into_inner()),
                Code::Unauthenticated,
            ),
        ];
        for (request, code) in refused {
            assert_eq!(world.carriers().receive_carrier_events(request).await.unwrap_err().code(), code);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_heard_or_happened_before_an_order_does_not_deliver_it() {
    for database in databases().await {
        let (world, _) = paid(database).await;
        // Somebody's parcel has just arrived, and its carrier has told us so.
        report(&world, "one", vec![event("a", "OTHERS-1", "delivered", 0)]).await.unwrap();
        let order = paid_after(&world, Duration::from_secs(3_600)).await;
        let shipment = ship(&world, &order, "", &["OTHERS-1", "OTHERS-2"]).await.unwrap();
        assert_eq!(shipment.state(), ShipmentState::Purchased);
        // Another's arrived three days ago, which its carrier tells us now.
        let mut late = event("b", "OTHERS-2", "delivered", 0);
        late["occurred_at"] = json!("2026-01-30T02:00:00Z");
        report(&world, "two", vec![late]).await.unwrap();
        let now = shown(&world, &order, &shipment).await;
        assert!(
            now.parcels.iter().all(|parcel| parcel.state() == ShipmentState::Purchased),
            "{now:?}"
        );
        assert_eq!(told(&world, &shipment, "logistics.v1.delivered").await, 0);
        assert_eq!(listed(&world, order.buyer, &shipment).await, Vec::<String>::new());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_twelve_normal_statuses_say_where_a_parcel_is_and_others_are_filed_as_they_came() {
    use ShipmentState::{Cancelled, Delivered, DeliveryFailed, InTransit, NeedsAttention, OutForDelivery, Purchased, Unspecified};
    let statuses = [
        ("pending", Purchased),
        ("picked_up", InTransit),
        ("in_transit", InTransit),
        ("delivery_delayed", InTransit),
        ("on_hold", NeedsAttention),
        ("unknown", Unspecified),
        ("eaten_by_a_dog", Unspecified),
        ("ready_for_pickup", NeedsAttention),
        ("out_for_delivery", OutForDelivery),
        ("delivery_failed", DeliveryFailed),
        ("return_to_sender", NeedsAttention),
        ("delivered", Delivered),
        ("cancelled", Cancelled),
    ];
    for database in databases().await {
        let (world, order) = paid(database).await;
        let shipment = ship(&world, &order, "", &["PARCEL-1"]).await.unwrap();
        let mut place = Purchased;
        for (minute, (status, state)) in (1..).zip(statuses) {
            report(&world, status, vec![event(status, "PARCEL-1", status, minute)])
                .await
                .unwrap();
            if state != Unspecified && place != Delivered {
                place = state;
            }
            assert_eq!(shown(&world, &order, &shipment).await.state(), place, "{status}");
        }
        let request = ListTrackingEventsRequest {
            shipment_id: shipment.id.clone(),
        };
        let list = world
            .shipments(order.buyer)
            .list_tracking_events(request)
            .await
            .unwrap()
            .into_inner();
        let filed: Vec<_> = list.events.iter().map(|event| (event.status.as_str(), event.state())).collect();
        assert_eq!(filed, statuses);
    }
}

#[tokio::test]
async fn a_bad_event_is_refused_by_its_place_and_the_others_are_taken_in() {
    for database in databases().await {
        let world = World::open(database).await;
        let bad = json!({"id": "", "tracking_number": "RB123456786US", "status": "", "occurred_at": "yesterday"});
        let events = vec![
            event("a", "PARCEL-1", "delivered", 1),
            bad,
            json!("delivered".repeat(10_000)),
            event("b", "PARCEL-2", "lost", 1),
            json!({"id": 7}),
        ];
        let answer = report(&world, "one", events.clone()).await.unwrap();
        assert_eq!((answer.accepted, answer.already_known), (2, 0));
        let refused: Vec<(i32, Vec<&str>)> = answer
            .refused
            .iter()
            .map(|event| (event.place, event.fields.iter().map(|wrong| wrong.field.as_str()).collect()))
            .collect();
        let fields = vec!["id", "tracking_number", "status", "occurred_at"];
        assert_eq!(refused, [(1, fields), (2, vec![""]), (4, vec![""])]);
        assert!(
            answer.refused[1].fields[0].description.len() <= 200,
            "it does not say all that came"
        );
        // The same delivery hears the same, and another one that what was taken in is known.
        assert_eq!(report(&world, "one", events.clone()).await.unwrap(), answer);
        let again = report(&world, "two", events).await.unwrap();
        assert_eq!((again.accepted, again.already_known, again.refused), (0, 2, answer.refused));

        for year in ["0001", "1969", "2999"] {
            let mut impossible = event("c", "PARCEL-1", "delivered", 1);
            impossible["occurred_at"] = json!(format!("{year}-12-31T23:59:59Z"));
            let answer = report(&world, year, vec![impossible]).await.unwrap();
            assert_eq!((answer.accepted, answer.refused[0].fields[0].field.as_str()), (0, "occurred_at"));
        }
    }
}

#[tokio::test]
async fn what_is_no_list_of_events_is_refused_as_a_whole() {
    let database = harness::Database::sqlite();
    let world = World::open(database).await;
    let seconds = world.clock.now().micros() / 1_000_000;
    let many = json!({ "events": vec![event("a", "PARCEL-1", "delivered", 1); 1_001] }).to_string();
    for (body, field) in [
        ("[]", "body"),
        (r#"{"events": {}}"#, "body"),
        (r#"{"events": [}"#, "body"),
        (r#"{"events": []}"#, "events"),
        (&many, "events"),
    ] {
        let request = signed("sandbox", SECRET, "three", seconds, body.as_bytes());
        let refused = world.carriers().receive_carrier_events(request).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument);
        assert_eq!(fields(&refused), [field]);
    }
}
