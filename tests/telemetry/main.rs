//! What a collector sees of a purchase: one trace through all services, the numbers that alerts stand on, and nothing about people.

#![allow(clippy::unwrap_used)]

mod collector;

use harness::{openapi::Document, until};
use tests::{Carrier, Database, Ecosystem, SERVICES, accept, reaches};
use tradewind::client::{PASSWORD, Person};

use crate::collector::Collector;

/// A purchase from checkout to the seller's money, under the eyes of a collector.
async fn purchase() -> (Ecosystem, Collector, Vec<String>) {
    let (collector, url) = Collector::start().await;
    let environment = [
        ("TRADEWIND__OTLP", url.as_str()),
        ("OTEL_BSP_SCHEDULE_DELAY", "200"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "500"),
    ];
    let ecosystem = Ecosystem::start_with(Database::Sqlite, &environment).await;
    let market = ecosystem.market();
    let goods = market.seller("seller", 100).await;
    let buyer = market.buyer("buyer", 100_000).await;
    let order = goods.sell(&buyer, "purchase", 2).await;
    let number = goods.ship(&order).await;
    Carrier::of(&ecosystem).report(&number, &[("1", "delivered")]).await;
    reaches(&buyer, &order, "DELIVERED").await;
    accept(&buyer, &order).await;
    reaches(&buyer, &order, "COMPLETED").await;
    let secrets = secrets(&ecosystem, &[&buyer, &goods.seller]);
    (ecosystem, collector, secrets)
}

/// What must never be told: who people are, where they live, and what opens doors.
fn secrets(ecosystem: &Ecosystem, people: &[&Person]) -> Vec<String> {
    let mut secrets = vec![
        PASSWORD.to_owned(),
        "@buyer.example".to_owned(),
        "@seller.example".to_owned(),
        "2 Dock Street".to_owned(),
        "Receiving".to_owned(),
        "1 Harbour Road".to_owned(),
        "tok_visa".to_owned(),
        "Bearer ".to_owned(),
        "eyJ".to_owned(),
        ecosystem.webhook_secret(),
    ];
    secrets.extend(people.iter().filter_map(|person| person.client.token().map(str::to_owned)));
    secrets
}

/// Its header is described, and our spans belong to the trace that it names.
async fn the_trace_of_a_client_goes_on(ecosystem: &Ecosystem, collector: &Collector) {
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let traceparent = format!("00-{trace}-00f067aa0ba902b7-01");
    let document = Document::new(ecosystem.gateway().get("/openapi.json").await.unwrap());
    let operation = document.at("GET", "/v1/categories").unwrap();
    assert_eq!(operation.faults_of_header("traceparent", &traceparent), [""; 0]);
    let look = reqwest::Client::new().get(format!("{}/v1/categories", ecosystem.url()));
    look.header("traceparent", traceparent).send().await.unwrap();
    let hex = |id: &[u8]| id.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    until("the trace of a client goes on", || async {
        collector.spans().iter().any(|seen| hex(&seen.span.trace_id) == trace)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purchase_is_one_trace_through_all_services_and_says_nothing_about_people() {
    let (ecosystem, collector, secrets) = purchase().await;
    the_trace_of_a_client_goes_on(&ecosystem, &collector).await;
    let wanted = [
        // Calls.
        "gateway POST /v1/checkouts -> order /tradewind.order.v1.CheckoutService/CreateCheckout",
        "order /tradewind.order.v1.CheckoutService/CreateCheckout -> catalog /tradewind.catalog.v1.PricingService/PriceLines",
        "order /tradewind.order.v1.CheckoutService/CreateCheckout -> logistics /tradewind.logistics.v1.ReservationService/Reserve",
        "order /tradewind.order.v1.CheckoutService/CreateCheckout -> payment /tradewind.payment.v1.IntentService/OpenIntent",
        "gateway POST /v1/payments/{payment_id}:confirm -> payment /tradewind.payment.v1.PaymentService/ConfirmPayment",
        // Across outbox and broker, on and on.
        "payment /tradewind.payment.v1.PaymentService/ConfirmPayment -> order payment.v1.escrow_funded",
        "order payment.v1.escrow_funded -> logistics order.v1.paid",
        "logistics /tradewind.logistics.v1.ShipmentService/CreateShipment -> order logistics.v1.shipped",
        "order /tradewind.order.v1.OrderService/AcceptOrder -> payment order.v1.accepted",
        "payment order.v1.accepted -> order payment.v1.escrow_released",
        "order payment.v1.escrow_released -> catalog order.v1.completed",
    ];
    for edge in wanted {
        until(&format!("this edge is told: {edge}"), || async {
            collector.edges().contains_key(edge)
        })
        .await;
    }

    let spans = collector.spans();
    let heard = spans
        .iter()
        .filter(|seen| seen.span.name.contains(".v1.") && !seen.span.name.starts_with('/'));
    for seen in heard {
        let creation = seen
            .span
            .links
            .first()
            .unwrap_or_else(|| panic!("{} has no link to its creation", seen.named()));
        assert_eq!(creation.trace_id, seen.span.trace_id, "{}", seen.named());
    }
    let known = |name: &str| {
        name.starts_with("/tradewind.")
            || name.starts_with("/grpc.health.")
            || name.contains(".v1.")
            || ["GET /", "POST /", "PUT /", "PATCH /", "DELETE /"]
                .iter()
                .any(|method| name.starts_with(method))
            || name == "GET"
    };
    let strange: Vec<String> = spans
        .iter()
        .filter(|seen| !known(&seen.span.name))
        .map(collector::Seen::named)
        .collect();
    assert_eq!(strange, Vec::<String>::new(), "only our own spans are told");

    let told = collector.text();
    for secret in secrets {
        assert!(!told.contains(&secret), "{secret} is told to the collector");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_numbers_that_alerts_stand_on_arrive() {
    let (ecosystem, collector, _) = purchase().await;
    for service in SERVICES {
        for name in [
            "rpc.server.duration",
            "tradewind.outbox.waiting",
            "tradewind.outbox.age",
            "tradewind.timers.overdue",
            "tradewind.store.queued",
        ] {
            until(&format!("{service} tells {name}"), || async {
                collector.number(service, name).is_some()
            })
            .await;
        }
    }
    for service in ["order", "payment", "logistics", "catalog"] {
        for name in ["tradewind.consumer.pending", "tradewind.consumer.dead_letters"] {
            until(&format!("{service} tells {name}"), || async {
                collector.number(service, name).is_some()
            })
            .await;
        }
    }
    until("the rates, errors and durations of each RPC and route are told", || async {
        let methods = collector.labels("order", "rpc.server.duration", "rpc.method");
        let routes = collector.labels("gateway", "http.server.request.duration", "http.route");
        methods.iter().any(|method| method.ends_with("CheckoutService/CreateCheckout"))
            && routes.iter().any(|route| route == "/v1/checkouts")
    })
    .await;

    // A broker that is away makes the outbox wait, and its age grows.
    ecosystem.freeze("nats");
    let market = ecosystem.market();
    Person::join(&market.gateway, "late@buyer.example", "Late", "BR").await.unwrap();
    until("identity's outbox grows old", || async {
        let number = |name: &str| collector.number("identity", name).unwrap_or_default();
        number("tradewind.outbox.waiting") >= 1.0 && number("tradewind.outbox.age") >= 1.0
    })
    .await;
    ecosystem.thaw("nats");
    until("identity's outbox is empty again", || async {
        collector.number("identity", "tradewind.outbox.waiting") == Some(0.0)
    })
    .await;
}
