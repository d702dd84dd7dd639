//! Connections that end when they have reached their age, so that calls find replicas which are new: nobody notices.

use std::time::Duration;

use futures::future::join_all;
use proto::identity::v1::{GetJwksRequest, key_service_client::KeyServiceClient};
use tonic_health::pb::{HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient};

use crate::stub::{Setting, Stub};

/// Young enough to be reached often while a test runs, and old enough for both ends to have greeted each other by then.
const AGE: Duration = Duration::from_millis(300);

/// How many calls are under way at a time: more than one connection takes at once.
const CALLS: usize = 250;

#[tokio::test(flavor = "multi_thread")]
async fn connections_are_made_anew_and_no_call_fails() {
    let setting = Setting::with_connections_of(Stub::default(), AGE).await;
    let peer = setting.peer().await;
    let call = || async {
        // No proto calls this one safe, so it is sent again only if it cannot have arrived.
        let mut keys = KeyServiceClient::new(peer.clone());
        let mut calls = 0;
        while setting.stub.connections() < 6 {
            keys.get_jwks(GetJwksRequest::default()).await.unwrap();
            calls += 1;
        }
        calls
    };
    let calls: u32 = join_all((0..CALLS).map(|_| call())).await.into_iter().sum();
    assert_eq!(setting.stub.called(), calls, "none is carried out twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_goes_on_when_its_connection_has_reached_its_age() {
    let setting = Setting::with_connections_of(Stub::default(), AGE).await;
    let replicas = setting.replicas().await;
    let mut health = HealthClient::new(replicas.clone());
    let watched = health.watch(HealthCheckRequest::default()).await.unwrap();
    let mut watched = watched.into_inner();
    assert_eq!(watched.message().await.unwrap().unwrap().status(), ServingStatus::Serving);
    let mut keys = KeyServiceClient::new(replicas);
    while setting.stub.connections() < 3 {
        keys.get_jwks(GetJwksRequest::default()).await.unwrap();
    }
    // Two connections have taken the place of the one that the stream still goes by.
    setting.shutdown.cancel();
    assert_eq!(watched.message().await.unwrap().unwrap().status(), ServingStatus::NotServing);
}
