//! What operators do about events that were not digested, on both kinds of database.

use std::sync::{Arc, atomic::Ordering};

use events::Operations;
use harness::until;
use kernel::{AccountId, EventId, OrganisationId, Time};
use proto::operations::v1::{self as v1, operations_service_server::OperationsService};
use runtime::auth::{Caller, Principal};
use store::Listed;
use tonic::{Code, Request};
use uuid::Uuid;

use crate::world::worlds;

fn operator<T>(message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.extensions_mut().insert(Caller::Principal(Arc::new(Principal {
        account: AccountId::from_uuid(Uuid::from_u128(1)),
        organisation: OrganisationId::from_uuid(Uuid::from_u128(2)),
        session: None,
        membership: 1,
        passwords: 0,
        until: Time::default(),
        roles: vec!["operator".to_owned()],
        scopes: Vec::new(),
    })));
    request
}

async fn letters(operations: &Operations, queued: bool) -> Vec<v1::DeadLetter> {
    let message = v1::ListDeadLettersRequest {
        service: "listener".to_owned(),
        include_queued: queued,
        ..v1::ListDeadLettersRequest::default()
    };
    operations
        .list_dead_letters(operator(message))
        .await
        .unwrap()
        .into_inner()
        .dead_letters
}

async fn redrive(operations: &Operations, event: &str) -> v1::RedriveDeadLettersResponse {
    let message = v1::RedriveDeadLettersRequest {
        service: "listener".to_owned(),
        event_id: event.to_owned(),
        ..v1::RedriveDeadLettersRequest::default()
    };
    operations.redrive_dead_letters(operator(message)).await.unwrap().into_inner()
}

async fn purge(operations: &Operations, event: &str, reason: &str) -> Result<v1::PurgedLetter, tonic::Status> {
    let message = v1::PurgeDeadLetterRequest {
        service: "listener".to_owned(),
        consumer: "bank".to_owned(),
        event_id: event.to_owned(),
        reason: reason.to_owned(),
        ..v1::PurgeDeadLetterRequest::default()
    };
    operations
        .purge_dead_letter(operator(message))
        .await
        .map(tonic::Response::into_inner)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_behind_a_dead_letter_is_seen_redriven_and_purged() {
    for world in worlds().await {
        world.listener.deaf.store(true, Ordering::SeqCst);
        world.listens().await;
        let operations = Operations::new("listener", &world.hearer, &world.bus);
        world.tell(7, [12, 13, 14]).await;
        world.tell(8, [13]).await;
        world.tell(9, [20]).await;
        until("three letters wait", || async { letters(&operations, true).await.len() == 3 }).await;

        // One for each queue, with its length; and all that is in them.
        let mut heads = letters(&operations, false).await;
        heads.sort_by_key(|head| head.aggregate_id.clone());
        let seen: Vec<_> = heads
            .iter()
            .map(|head| (head.error.as_str(), head.tries, head.queued_behind))
            .collect();
        assert_eq!(seen, [("not thirteen", 5, 1), ("not thirteen", 5, 0)]);
        let (queue, lone) = (heads[0].event_id.clone(), heads[1].event_id.clone());

        // As long as the cause is there, it fails again, and says so.
        let failed = redrive(&operations, &queue).await;
        assert_eq!((failed.digested, failed.remaining), (0, 2));
        assert_eq!((failed.failed[0].tries, failed.failed[0].queued_behind), (6, 1));
        assert_eq!(
            letters(&operations, false)
                .await
                .iter()
                .find(|head| head.event_id == queue)
                .unwrap()
                .tries,
            6
        );

        for (consumer, known) in [("bank", true), ("nope", false), ("a\0b", false)] {
            let of_one = v1::ListDeadLettersRequest {
                service: "listener".to_owned(),
                consumer: consumer.to_owned(),
                ..v1::ListDeadLettersRequest::default()
            };
            match operations.list_dead_letters(operator(of_one)).await {
                Ok(listed) => assert!(known && listed.into_inner().dead_letters.len() == 2, "{consumer}"),
                Err(refused) => assert!(!known && refused.code() == Code::InvalidArgument, "{consumer}: {refused}"),
            }
        }

        // One is given up, once, with a reason; its event may come again, and stays given up.
        assert_eq!(purge(&operations, &lone, "  ").await.unwrap_err().code(), Code::InvalidArgument);
        let listed = world.hearer.desk().list(None, true, None, 10).await.unwrap();
        let of_lone = |listed: &Listed| EventId::from_uuid(listed.dead.letter.event).to_string() == lone;
        let letter = listed.into_iter().find(of_lone).unwrap().dead.letter;
        let given_up = purge(&operations, &lone, "thirteen was a mistake").await.unwrap();
        assert_eq!(purge(&operations, &lone, "again").await.unwrap(), given_up);
        world.hearer.dead_letters("bank").put(letter, "not thirteen", 5).await.unwrap();
        assert_eq!(letters(&operations, true).await.len(), 2);
        assert_eq!(given_up.account_id, AccountId::from_uuid(Uuid::from_u128(1)).to_string());
        let unknown = EventId::from_uuid(Uuid::from_u128(3)).to_string();
        assert_eq!(
            purge(&operations, &unknown, "there is none").await.unwrap_err().code(),
            Code::NotFound
        );

        // The cause is mended.
        world.listener.deaf.store(false, Ordering::SeqCst);
        let redriven = redrive(&operations, "").await;
        assert_eq!((redriven.digested, redriven.remaining), (2, 0));
        assert_eq!(world.listener.heard_sorted(), [12, 13, 14, 20]);
        assert_eq!(letters(&operations, true).await, []);
        let message = v1::ListPurgedLettersRequest {
            service: "listener".to_owned(),
            ..v1::ListPurgedLettersRequest::default()
        };
        let purged = operations.list_purged_letters(operator(message)).await.unwrap().into_inner();
        assert_eq!(purged.purged_letters, [given_up]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn letters_are_listed_page_by_page() {
    for world in worlds().await {
        world.listener.deaf.store(true, Ordering::SeqCst);
        world.listens().await;
        let operations = Operations::new("listener", &world.hearer, &world.bus);
        for aggregate in 0..5 {
            world.tell(aggregate, [13]).await;
        }
        until("five letters wait", || async { letters(&operations, true).await.len() == 5 }).await;
        let (mut seen, mut token) = (Vec::new(), String::new());
        for _ in 0..3 {
            let message = v1::ListDeadLettersRequest {
                service: "listener".to_owned(),
                page_size: 2,
                page_token: token,
                ..v1::ListDeadLettersRequest::default()
            };
            let page = operations.list_dead_letters(operator(message)).await.unwrap().into_inner();
            seen.extend(page.dead_letters.into_iter().map(|letter| letter.event_id));
            token = page.next_page_token;
        }
        seen.sort();
        seen.dedup();
        assert_eq!((seen.len(), token.as_str()), (5, ""));

        // Those that were given up, the newest first. By a clock that stands still their ids decide.
        for event in &seen {
            purge(&operations, event, "too many of them").await.unwrap();
        }
        let mut given_up = Vec::new();
        for _ in 0..3 {
            let message = v1::ListPurgedLettersRequest {
                service: "listener".to_owned(),
                page_size: 2,
                page_token: token,
            };
            let page = operations.list_purged_letters(operator(message)).await.unwrap().into_inner();
            given_up.extend(page.purged_letters.into_iter().map(|purged| purged.letter.unwrap().event_id));
            token = page.next_page_token;
        }
        given_up.reverse();
        assert_eq!((given_up, token.as_str()), (seen, ""));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_says_how_it_fares() {
    for mut world in worlds().await {
        let operations = Operations::new("bank", &world.teller, &world.bus);
        let status = async || {
            let message = v1::GetServiceStatusRequest {
                service: "bank".to_owned(),
            };
            operations.get_service_status(operator(message)).await.unwrap().into_inner()
        };
        world.listens().await;
        world.tell(7, [1]).await;
        until("it is published and heard", || async {
            let status = status().await;
            let consumer = &status.consumers[0];
            status.outbox.unwrap().waiting == 0 && (consumer.pending, consumer.unacknowledged) == (Some(0), 0)
        })
        .await;
        assert!(status().await.stream.unwrap().messages >= 1);

        world.nats.kill();
        world.tell(7, [2]).await;
        let alone = status().await;
        assert_eq!((alone.outbox.unwrap().waiting, alone.stream), (1, None));
        assert!(alone.outbox.unwrap().oldest_time.is_some());
        world.nats.resume().await;

        let elsewhere = v1::GetServiceStatusRequest {
            service: "order".to_owned(),
        };
        let refused = operations.get_service_status(operator(elsewhere)).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_purged_from_a_stream_comes_again_when_the_operator_says_so() {
    for world in worlds().await {
        world.tell(7, 0..10).await;
        world.drained().await;
        // The stream is still the same one, so the relay notices nothing.
        let jetstream = async_nats::jetstream::new(world.nats.client().await);
        jetstream.get_stream("bank").await.unwrap().purge().await.unwrap();
        world.listens().await;
        let message = v1::RepublishEventsRequest {
            service: "bank".to_owned(),
            since: Some(runtime::timestamp(Time::default())),
        };
        let operations = Operations::new("bank", &world.teller, &world.bus);
        let republished = operations.republish_events(operator(message)).await.unwrap().into_inner();
        assert_eq!(republished.republished, 10);
        until("all of it is heard", || async { world.listener.heard().len() == 10 }).await;
        assert_eq!(world.listener.heard_sorted(), (0..10).collect::<Vec<_>>());
    }
}
