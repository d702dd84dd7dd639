//! From a question to a quotation, an order and what its parties are told of it.

use futures::future::join_all;
use harness::until;
use serde_json::{Value, json};
use tests::{Carrier, Database, Ecosystem, Events, Goods, accept, reaches};
use tradewind::client::{Error, Event, Person, number, text};

/// A conversation as one of its parties has it.
struct Side<'e> {
    person: &'e Person,
    conversation: String,
}

impl Side<'_> {
    fn path(&self, rest: &str) -> String {
        format!("/v1/conversations/{}{rest}", self.conversation)
    }

    async fn says(&self, key: &str, words: &str) -> i64 {
        number(&self.sends(key, json!({ "text": words })).await.unwrap(), "sequence")
    }

    async fn sends(&self, key: &str, message: Value) -> Result<Value, Error> {
        self.person.client.post(&self.path("/messages"), key, message).await
    }

    /// Reads along, behind the last event that was there.
    async fn follows(&self, last_event_id: &str) -> Events {
        let path = self.path("/messages:stream");
        Events::of(&self.person.client, &path, last_event_id).await
    }

    async fn has_read(&self, sequence: i64) -> Value {
        let body = json!({ "sequence": sequence.to_string() });
        let key = format!("{} read {sequence}", self.person.organisation);
        self.person.client.post(&self.path(":markRead"), &key, body).await.unwrap()
    }
}

async fn open(person: &Person, key: &str, with: &Person, context: Value) -> Result<Value, Error> {
    let body = json!({ "organisationId": with.organisation, "context": context });
    person.client.post("/v1/conversations", key, body).await
}

/// The kinds of somebody's notifications about one thing.
async fn told(person: &Person, reference: &str) -> Vec<String> {
    let page = person.client.get("/v1/notifications?pageSize=100").await.unwrap();
    let all = page["notifications"].as_array().cloned().unwrap_or_default();
    let about = all.iter().filter(|one| text(one, "reference") == reference);
    let mut kinds: Vec<String> = about.map(|one| text(one, "kind")).collect();
    kinds.sort();
    kinds
}

/// Waits until somebody has these notifications about one thing, and no others.
pub(crate) async fn is_told(person: &Person, reference: &str, kinds: &[&str]) {
    until(&format!("{kinds:?} about {reference} are told"), || async {
        told(person, reference).await == kinds
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_leads_to_a_quotation_an_order_and_its_notifications() {
    for database in Database::at_hand() {
        let ecosystem = Ecosystem::start(database).await;
        let market = ecosystem.market();
        let goods = market.seller("maker", 100).await;
        let buyer = market.buyer("asker", 10_000).await;
        let stranger = market.buyer("stranger", 0).await;
        let about = json!({ "productId": goods.product });
        let opened = open(&buyer, "open", &goods.seller, about.clone()).await.unwrap();
        let found = open(&goods.seller, "open", &buyer, about).await.unwrap();
        assert_eq!(opened, found);
        let conversation = text(&opened, "id");
        let side = |person| Side {
            person,
            conversation: conversation.clone(),
        };
        let (asking, answering) = (side(&buyer), side(&goods.seller));

        let mut heard = answering.follows("").await;
        let (quotation, last_event_id) = negotiate(&asking, &answering, &mut heard, &goods).await;
        both_talk_while_the_buyer_is_away(&asking, &answering, &mut heard, &last_event_id).await;
        messaging_crashes(&ecosystem, database, &asking, &answering, heard).await;
        both_have_read(&asking, &answering).await;
        refused(&asking, &stranger).await;

        let order = buy(&goods, &buyer, &quotation).await;
        let talk = open(&goods.seller, "order", &buyer, json!({ "orderId": order })).await.unwrap();
        assert_eq!(text(&talk["context"], "orderId"), order);
        let listed = buyer.client.get("/v1/conversations").await.unwrap();
        let listed = listed["conversations"].as_array().unwrap().iter();
        let listed: Vec<String> = listed.map(|one| text(one, "id")).collect();
        assert_eq!(listed, [text(&talk, "id"), conversation.clone()], "the liveliest first");

        deliver(&ecosystem, &goods, &buyer, &order).await;
        everybody_was_told(&goods.seller, &buyer, &order, &quotation).await;
        assert_eq!(told(&stranger, &order).await, Vec::<String>::new());
        ecosystem.is_well().await;
    }
}

/// A question, an answer and a quotation, which the seller reads along; the quotation, and the id of the last event that the buyer had.
async fn negotiate(asking: &Side<'_>, answering: &Side<'_>, heard: &mut Events, goods: &Goods) -> (String, String) {
    assert_eq!(asking.says("q1", "Do you make it in blue?").await, 1);
    let question = heard.take(1).await.remove(0);
    assert_eq!(
        (question.id.as_str(), text(&question.data, "text").as_str()),
        ("1", "Do you make it in blue?")
    );
    assert_eq!(text(&question.data, "senderOrganisationId"), asking.person.organisation);
    assert_eq!(answering.says("a1", "We do. Shall I quote?").await, 2);
    let quotation = goods.quote(asking.person).await;
    let offer = json!({ "text": "Here you are.", "quotationId": quotation });
    answering.sends("a2", offer.clone()).await.unwrap();
    answering.sends("a2", offer).await.unwrap();
    let read = asking.follows("").await.take(3).await;
    assert_eq!(text(&read[2].data, "quotationId"), quotation);
    is_told(asking.person, &quotation, &["quotation_received"]).await;
    (quotation, read[2].id.clone())
}

/// The buyer's connection has broken, and they miss what both say at once; then they go on behind the last event.
async fn both_talk_while_the_buyer_is_away(asking: &Side<'_>, answering: &Side<'_>, heard: &mut Events, last_event_id: &str) {
    let sides = [asking, answering];
    let talking = (0..20).map(|turn| async move { sides[turn % 2].says(&format!("talk {turn}"), "blue, blue").await });
    let mut sequences = join_all(talking).await;
    sequences.sort_unstable();
    assert_eq!(sequences, (4..=23).collect::<Vec<i64>>());
    let missed = asking.follows(last_event_id).await.take(20).await;
    assert_eq!(ids(&missed), (4..=23).collect::<Vec<i64>>());
    assert_eq!(ids(&heard.take(22).await), (2..=23).collect::<Vec<i64>>());
}

fn ids(events: &[Event]) -> Vec<i64> {
    events.iter().map(|event| event.id.parse().unwrap()).collect()
}

/// Whoever followed the process that crashes goes on at another one, or at the next.
async fn messaging_crashes(ecosystem: &Ecosystem, database: Database, asking: &Side<'_>, answering: &Side<'_>, mut heard: Events) {
    ecosystem.kill("messaging");
    if database == Database::Sqlite {
        while heard.next().await.is_some_and(|event| event.name == "message") {}
    }
    drop(heard);
    ecosystem.ready().await;
    assert_eq!(asking.says("q2", "Still there?").await, 24);
    assert_eq!(ids(&answering.follows("23").await.take(1).await), [24]);
}

/// A read position only goes forward.
async fn both_have_read(asking: &Side<'_>, answering: &Side<'_>) {
    asking.has_read(23).await;
    answering.has_read(24).await;
    let after = answering.has_read(3).await;
    let participants = after["participants"].as_array().unwrap().iter();
    let positions: Vec<i64> = participants.map(|one| number(one, "readSequence")).collect();
    assert_eq!((positions.as_slice(), number(&after, "lastSequence")), ([23, 24].as_slice(), 24));
}

/// Both parties were told what concerns them. What the buyer has seen is not among the unread any more, and the rest still is.
async fn everybody_was_told(seller: &Person, buyer: &Person, order: &str, quotation: &str) {
    let of_seller = [
        "escrow_released",
        "order_accepted",
        "order_completed",
        "order_delivered",
        "order_paid",
        "order_placed",
    ];
    is_told(seller, order, &of_seller).await;
    let of_buyer = ["order_completed", "order_delivered", "order_paid", "order_shipped"];
    is_told(buyer, order, &of_buyer).await;
    is_told(seller, quotation, &["quotation_used"]).await;
    let everything = buyer.client.get("/v1/notifications?unreadOnly=true").await.unwrap();
    let everything = everything["notifications"].as_array().unwrap();
    let seen = format!("/v1/notifications/{}:markRead", text(&everything[0], "id"));
    buyer.client.post(&seen, "seen", json!({})).await.unwrap();
    let unread = buyer.client.get("/v1/notifications?unreadOnly=true").await.unwrap();
    assert_eq!(unread["notifications"].as_array().unwrap()[..], everything[1..]);
}

/// The quotation becomes a paid order.
async fn buy(goods: &Goods, buyer: &Person, quotation: &str) -> String {
    let checkout = buyer.check_out("checkout", &[], &[quotation], "BR").await.unwrap();
    let order = text(&checkout["orders"][0], "id");
    buyer.pay("pay", &text(&checkout, "paymentId")).await.unwrap();
    is_told(&goods.seller, &order, &["order_paid", "order_placed"]).await;
    order
}

/// The order travels, and the buyer is content.
async fn deliver(ecosystem: &Ecosystem, goods: &Goods, buyer: &Person, order: &str) {
    let tracking = goods.ship(order).await;
    Carrier::of(ecosystem)
        .report(&tracking, &[("1", "in_transit"), ("2", "delivered")])
        .await;
    reaches(buyer, order, "DELIVERED").await;
    accept(buyer, order).await;
    reaches(buyer, order, "COMPLETED").await;
}

/// What is none of somebody's business, and what nobody can say.
async fn refused(asking: &Side<'_>, stranger: &Person) {
    let own = &asking.person;
    let Err(Error::Problem(problem)) = stranger.client.get(&asking.path("")).await else {
        panic!("a stranger sees the conversation")
    };
    assert_eq!(problem.status, 404);
    let long = json!({ "text": "x".repeat(4_001), "quotationId": "ord_1" });
    let Err(Error::Problem(problem)) = asking.sends("long", long).await else {
        panic!("a message is too long")
    };
    assert_eq!((problem.status.as_u16(), problem.reason.as_str()), (400, "INVALID_FIELDS"));
    assert!(
        problem.detail.contains("text must") && problem.detail.contains("quotationId not"),
        "{problem}"
    );
    let reused = asking.sends("q1", json!({ "text": "something else" })).await.unwrap_err();
    assert_eq!(reused.reason(), "IDEMPOTENCY_KEY_REUSED");
    let Err(Error::Problem(problem)) = open(own, "alone", own, json!({})).await else {
        panic!("somebody talks to themselves")
    };
    assert!(problem.detail.contains("organisationId must"), "{problem}");
    let unknown = json!({ "orderId": "ord_01h455vb4pex5vsknk084sn02q" });
    assert_eq!(
        open(own, "unknown", stranger, unknown).await.unwrap_err().reason(),
        "ORDER_NOT_KNOWN"
    );
}
