//! Opening conversations, and finding them again.

use std::ops::Range;

use futures::future::join_all;
use harness::{Identity, Outbox, databases, fields, reason, until};
use kernel::{OrganisationId, ProductId};
use proto::messaging::v1::{self as v1, context::Subject};
use tonic::Code;

use crate::{
    orders::{order, order_id},
    setting::{Setting, organisation},
};

/// Lets a seller have these products on the market.
fn publish(setting: &Setting, numbers: Range<u128>, seller: OrganisationId) {
    for number in numbers {
        let Some(Subject::ProductId(id)) = product(number) else {
            unreachable!("a product's subject is its id")
        };
        setting.catalog.publish(&id, seller);
    }
}

fn product(number: u128) -> Option<Subject> {
    Some(Subject::ProductId(ProductId::from_uuid(uuid::Uuid::from_u128(number)).to_string()))
}

#[tokio::test(flavor = "multi_thread")]
async fn two_organisations_have_one_conversation_about_each_thing() {
    for database in databases().await {
        let setting = Setting::on(database).await;
        let replica = setting.replica().await;
        let (buyer, seller) = (setting.caller(&replica, organisation()), setting.caller(&replica, organisation()));
        publish(&setting, 7..9, seller.organisation);
        let opened = buyer.open(seller.organisation, product(7)).await.unwrap();
        assert_eq!((opened.last_sequence, opened.last_message_time), (0, None));
        assert_eq!(opened.context, Some(v1::Context { subject: product(7) }));
        let participants: Vec<String> = opened.participants.iter().map(|one| one.organisation_id.clone()).collect();
        assert_eq!(participants, [buyer.organisation.to_string(), seller.organisation.to_string()]);

        assert_eq!(seller.open(buyer.organisation, product(7)).await.unwrap(), opened);
        assert_eq!(seller.get(&opened.id).await.unwrap(), opened);
        let other_product = buyer.open(seller.organisation, product(8)).await.unwrap();
        let general = buyer.open(seller.organisation, None).await.unwrap();
        assert!(opened.id != other_product.id && opened.id != general.id && general.context.is_none());
        assert_eq!(setting.count("conversations").await, 3);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_opens_at_once_at_two_replicas_finds_the_same_conversation() {
    for database in databases().await {
        let setting = Setting::on(database).await;
        let replicas = [setting.replica().await, setting.replica().await];
        let parties = [organisation(), organisation()];
        publish(&setting, 0..5, parties[1]);
        for number in 0..5 {
            let opening = (0..8).map(|turn| {
                let caller = setting.caller(&replicas[turn % 2], parties[turn / 2 % 2]);
                let other = parties[1 - turn / 2 % 2];
                async move { caller.open(other, product(number)).await.unwrap().id }
            });
            let mut ids = join_all(opening).await;
            ids.dedup();
            assert_eq!(ids.len(), 1);
        }
        assert_eq!(setting.count("conversations").await, 5);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_about_an_order_is_for_its_parties() {
    for database in databases().await {
        let setting = Setting::on(database).await;
        let replica = setting.replica().await;
        let orders = Outbox::of("order", &setting.nats).await;
        let (buyer, seller, stranger) = (
            setting.caller(&replica, organisation()),
            setting.caller(&replica, organisation()),
            setting.caller(&replica, organisation()),
        );
        let id = order_id();
        let about = || Some(Subject::OrderId(id.to_string()));

        let early = buyer.open(seller.organisation, about()).await.unwrap_err();
        assert_eq!(
            (early.code(), reason(&early).as_str()),
            (Code::FailedPrecondition, "ORDER_NOT_KNOWN")
        );
        assert_eq!(fields(&early), ["context.order_id"]);
        let retry = tonic_types::StatusExt::get_details_retry_info(&early).and_then(|info| info.retry_delay);
        assert!(retry.is_some(), "it may succeed in a moment");

        orders
            .tell("order.v1.placed", id, &order(id, buyer.organisation, seller.organisation))
            .await;
        until("the order is known", || async {
            seller.open(buyer.organisation, about()).await.is_ok()
        })
        .await;
        let found = buyer.open(seller.organisation, about()).await.unwrap();
        assert_eq!(found.context.unwrap().subject, about());

        for (one, other) in [(&stranger, &buyer), (&stranger, &seller), (&buyer, &stranger)] {
            let refused = one.open(other.organisation, about()).await.unwrap_err();
            assert_eq!(reason(&refused), "ORDER_NOT_KNOWN", "as if there were no such order");
        }
        assert_eq!(setting.count("conversations").await, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_about_a_product_is_with_its_seller() {
    for database in databases().await {
        let setting = Setting::on(database).await;
        let replica = setting.replica().await;
        let (buyer, seller) = (setting.caller(&replica, organisation()), setting.caller(&replica, organisation()));
        publish(&setting, 7..8, seller.organisation);
        publish(&setting, 8..9, organisation());
        for unrelated in [8, 9] {
            let refused = buyer.open(seller.organisation, product(unrelated)).await.unwrap_err();
            assert_eq!(
                (refused.code(), fields(&refused)),
                (Code::InvalidArgument, vec!["context.product_id".to_owned()])
            );
        }
        assert_eq!((setting.count("conversations").await, setting.count("causes").await), (0, 0));
        assert!(seller.open(buyer.organisation, product(7)).await.is_ok());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_sees_a_conversation() {
    for database in databases().await {
        let setting = Setting::on(database).await;
        let replica = setting.replica().await;
        let (buyer, stranger) = (setting.caller(&replica, organisation()), setting.caller(&replica, organisation()));
        let id = buyer.open(organisation(), None).await.unwrap().id;
        buyer.send(&id, "1", "hello").await.unwrap();
        let refusals = [
            stranger.get(&id).await.unwrap_err(),
            stranger.send(&id, "1", "hello").await.unwrap_err(),
            stranger.messages(&id, 0, 0).await.unwrap_err(),
            stranger.stream(&id, 0).await.unwrap_err(),
            stranger.mark_read(&id, 1).await.unwrap_err(),
        ];
        for refused in refusals {
            assert_eq!(
                (refused.code(), refused.message()),
                (Code::NotFound, "there is no such conversation")
            );
        }
        assert_eq!(stranger.list(0, "").await.unwrap().conversations, []);
        assert_eq!(setting.count("messages").await, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_request_names_its_fields_and_opens_nothing() {
    let setting = Setting::on(harness::Database::sqlite()).await;
    let replica = setting.replica().await;
    let buyer = setting.caller(&replica, organisation());
    let request = |organisation: &str, subject: Option<Subject>| v1::OpenConversationRequest {
        organisation_id: organisation.to_owned(),
        context: subject.map(|subject| v1::Context { subject: Some(subject) }),
        ..v1::OpenConversationRequest::default()
    };
    let own = buyer.organisation.to_string();
    let cases = [
        (request("", None), vec!["organisation_id"]),
        (request(&own, None), vec!["organisation_id"]),
        (
            request("ord_1", Some(Subject::ProductId("prd_1".to_owned()))),
            vec!["organisation_id", "context.product_id"],
        ),
        (
            request(&own, Some(Subject::OrderId(String::new()))),
            vec!["organisation_id", "context.order_id"],
        ),
    ];
    for (request, expected) in cases {
        let refused = buyer.open_as(request).await.unwrap_err();
        assert_eq!(
            (refused.code(), fields(&refused)),
            (Code::InvalidArgument, expected.into_iter().map(str::to_owned).collect())
        );
    }
    assert_eq!(
        buyer.get("nothing").await.map_err(|status| fields(&status)).unwrap_err(),
        ["conversation_id"]
    );
    assert_eq!((setting.count("conversations").await, setting.count("causes").await), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_written_to_who_does_not_exist() {
    for database in databases().await {
        let setting = Setting::on(database).await;
        let replica = setting.replica().await;
        let buyer = setting.caller(&replica, organisation());
        for context in [None, product(7)] {
            let refused = buyer.open(Identity::nobody(), context).await.unwrap_err();
            assert_eq!(
                (refused.code(), fields(&refused)),
                (Code::InvalidArgument, vec!["organisation_id".to_owned()])
            );
        }
        assert_eq!((setting.count("conversations").await, setting.count("causes").await), (0, 0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_opens_one_conversation_only() {
    let setting = Setting::on(harness::Database::sqlite()).await;
    let replica = setting.replica().await;
    let buyer = setting.caller(&replica, organisation());
    publish(&setting, 1..3, buyer.organisation);
    let request = |number| v1::OpenConversationRequest {
        request_id: "open".to_owned(),
        organisation_id: organisation().to_string(),
        context: Some(v1::Context { subject: product(number) }),
    };
    let first = request(1);
    let opened = buyer.open_as(first.clone()).await.unwrap();
    buyer.send(&opened.id, "1", "hello").await.unwrap();
    let again = buyer.open_as(first).await.unwrap();
    assert_eq!(
        (again.id.as_str(), again.last_sequence),
        (opened.id.as_str(), 1),
        "as it now stands"
    );
    assert_eq!(reason(&buyer.open_as(request(2)).await.unwrap_err()), "IDEMPOTENCY_KEY_REUSED");
}
