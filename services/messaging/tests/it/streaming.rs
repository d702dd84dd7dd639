//! Streams: what is stored, then what comes, each once and in order.

use std::time::Duration;

use harness::{databases, until};
use messaging::Config;
use proto::messaging::v1::Message;
use tokio::time::timeout;
use tonic::Streaming;

use crate::setting::{Setting, organisation};

/// The sequences of the next messages.
async fn next(stream: &mut Streaming<Message>, count: usize) -> Vec<i64> {
    let mut sequences = Vec::new();
    while sequences.len() < count {
        let message = timeout(Duration::from_secs(20), stream.message()).await;
        let message = message.expect("another message comes").unwrap().expect("the stream goes on");
        sequences.push(message.sequence);
    }
    sequences
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_at_one_replica_has_what_is_written_at_another_without_gap_or_duplicate() {
    for database in databases().await {
        let setting = Setting::on(database).await;
        let (here, there) = (setting.replica().await, setting.replica().await);
        let (buyer, seller) = (setting.caller(&there, organisation()), setting.caller(&here, organisation()));
        let id = buyer.open(seller.organisation, None).await.unwrap().id;
        for number in 1..=150 {
            buyer.send(&id, &number.to_string(), "stored").await.unwrap();
        }
        let mut streams = [seller.stream(&id, 0).await.unwrap(), seller.stream(&id, 120).await.unwrap()];
        let writing = async {
            for number in 151..=300 {
                // Both write, each at their own replica.
                let writer = if number % 3 == 0 { &seller } else { &buyer };
                writer.send(&id, &number.to_string(), "live").await.unwrap();
            }
        };
        let [all, rest] = &mut streams;
        let (all, rest, ()) = tokio::join!(next(all, 300), next(rest, 180), writing);
        assert_eq!(all, (1..=300).collect::<Vec<i64>>());
        assert_eq!(rest, (121..=300).collect::<Vec<i64>>());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_ends_with_the_token_that_began_it() {
    let setting = Setting::on(harness::Database::sqlite()).await;
    let replica = setting.replica().await;
    let buyer = setting.caller(&replica, organisation());
    let id = buyer.open(organisation(), None).await.unwrap().id;
    let mut stream = buyer.stream_with_a_token_for(3, &id).await.unwrap();
    let end = timeout(Duration::from_secs(20), stream.message()).await;
    assert_eq!(end.expect("the stream ends").unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_stream_outlives_the_deadline_of_its_request() {
    let setting = Setting::on(harness::Database::sqlite()).await;
    let replica = setting.replica().await;
    let buyer = setting.caller(&replica, organisation());
    let id = buyer.open(organisation(), None).await.unwrap().id;
    let deadline = Duration::from_secs(1);
    let mut stream = buyer.stream_within(deadline, &id, 0).await.unwrap();
    assert!(timeout(2 * deadline, stream.message()).await.is_err(), "nothing comes, and no end");
    buyer.send(&id, "1", "late").await.unwrap();
    assert_eq!(next(&mut stream, 1).await, [1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_go_on_while_the_broker_is_away() {
    for database in databases().await {
        let mut setting = Setting::on(database).await;
        let (here, there) = (setting.replica().await, setting.replica().await);
        let (buyer, seller) = (organisation(), organisation());
        let id = setting.caller(&here, buyer).open(seller, None).await.unwrap().id;
        let mut stream = setting.caller(&here, seller).stream(&id, 0).await.unwrap();
        setting.caller(&there, buyer).send(&id, "1", "before").await.unwrap();
        assert_eq!(next(&mut stream, 1).await, [1]);
        setting.nats.kill();
        setting.caller(&there, buyer).send(&id, "2", "meanwhile").await.unwrap();
        assert_eq!(next(&mut stream, 1).await, [2]);
        setting.nats.resume().await;
        for number in 3..=20 {
            setting.caller(&there, buyer).send(&id, &number.to_string(), "after").await.unwrap();
        }
        assert_eq!(next(&mut stream, 18).await, (3..=20).collect::<Vec<i64>>());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hundreds_of_streams_on_one_connection_keep_nobody_waiting() {
    let setting = Setting::on(harness::Database::sqlite()).await;
    let replica = setting.replica().await;
    let buyer = setting.caller(&replica, organisation());
    let id = buyer.open(organisation(), None).await.unwrap().id;
    let mut streams = Vec::new();
    for _ in 0..400 {
        streams.push(buyer.stream(&id, 0).await.unwrap());
    }
    buyer.send(&id, "1", "to all of you").await.unwrap();
    for stream in &mut streams {
        assert_eq!(next(stream, 1).await, [1]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_ends_cleanly_with_its_process_and_resumes_at_another() {
    for database in databases().await {
        let setting = Setting::on(database).await;
        let (here, there) = (setting.replica().await, setting.replica().await);
        let buyer = setting.caller(&there, organisation());
        let id = buyer.open(organisation(), None).await.unwrap().id;
        buyer.send(&id, "1", "before").await.unwrap();
        let mut stream = setting.caller(&here, buyer.organisation).stream(&id, 0).await.unwrap();
        assert_eq!(next(&mut stream, 1).await, [1]);
        here.shutdown.cancel();
        let end = timeout(Duration::from_secs(5), stream.message()).await.expect("it ends at once");
        assert_eq!(end.unwrap(), None);

        buyer.send(&id, "2", "between").await.unwrap();
        let mut stream = buyer.stream(&id, 1).await.unwrap();
        buyer.send(&id, "3", "after").await.unwrap();
        assert_eq!(next(&mut stream, 2).await, [2, 3]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_ends_after_its_time_so_that_a_fresh_token_is_shown() {
    let setting = Setting::on(harness::Database::sqlite()).await;
    let replica = setting.replica_with(Config { stream_s: 1 }).await;
    let buyer = setting.caller(&replica, organisation());
    let id = buyer.open(organisation(), None).await.unwrap().id;
    let mut stream = buyer.stream(&id, 0).await.unwrap();
    let end = timeout(Duration::from_secs(10), stream.message()).await.expect("it ends");
    assert_eq!(end.unwrap(), None);
    until("the next stream begins", || async { buyer.stream(&id, 0).await.is_ok() }).await;
}
