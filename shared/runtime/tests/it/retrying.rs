//! Safe calls are sent again when a peer was not there; others never, and none without a budget.

use std::{sync::atomic::Ordering, time::Duration};

use proto::{
    identity::v1::{GetJwksRequest, key_service_client::KeyServiceClient},
    payment::v1::{CancelIntentRequest, OpenIntentRequest, intent_service_client::IntentServiceClient},
};
use tonic::Code;

use crate::stub::{Setting, Stub};

async fn failing(failures: u32, pushback: Option<&'static str>) -> Setting {
    Setting::new(Stub {
        failures: failures.into(),
        pushback,
        ..Stub::default()
    })
    .await
}

#[tokio::test]
async fn a_safe_call_is_sent_again_until_it_is_answered() {
    let setting = failing(2, None).await;
    let mut intents = IntentServiceClient::new(setting.peer().await);
    intents.open_intent(OpenIntentRequest::default()).await.unwrap();
    assert_eq!(setting.stub.called(), 3);
}

#[tokio::test]
async fn three_tries_are_all() {
    let setting = failing(100, None).await;
    let mut intents = IntentServiceClient::new(setting.peer().await);
    let refused = intents.open_intent(OpenIntentRequest::default()).await.unwrap_err();
    assert_eq!((refused.code(), setting.stub.called()), (Code::Unavailable, 3));
}

#[tokio::test]
async fn a_call_that_no_proto_calls_safe_is_sent_once() {
    let setting = failing(1, None).await;
    let mut keys = KeyServiceClient::new(setting.peer().await);
    assert_eq!(
        keys.get_jwks(GetJwksRequest::default()).await.unwrap_err().code(),
        Code::Unavailable
    );
    assert_eq!(setting.stub.called(), 1);
}

#[tokio::test]
async fn a_replica_that_is_not_there_is_noticed_by_nobody() {
    let setting = failing(0, None).await;
    let nobody = harness::Ports::one();
    let urls = format!("http://127.0.0.1:{}, http://{}", nobody.first(), setting.address);
    let mut keys = KeyServiceClient::new(setting.peer_at(&urls).await);
    for _ in 0..20 {
        keys.get_jwks(GetJwksRequest::default()).await.unwrap();
    }
    assert_eq!(setting.stub.called(), 20);
}

#[tokio::test]
async fn a_peer_that_pushes_back_is_left_alone() {
    let setting = failing(1, Some("-1")).await;
    let mut intents = IntentServiceClient::new(setting.peer().await);
    assert!(intents.open_intent(OpenIntentRequest::default()).await.is_err());
    assert_eq!(setting.stub.called(), 1);
}

#[tokio::test]
async fn retries_stop_when_the_budget_is_spent_and_come_back_with_success() {
    let setting = failing(u32::MAX, None).await;
    let mut intents = IntentServiceClient::new(setting.peer().await);
    for _ in 0..20 {
        assert!(intents.cancel_intent(CancelIntentRequest::default()).await.is_err());
    }
    // Three tries, then two, then one each: three retries for twenty calls, instead of forty.
    assert_eq!(setting.stub.called(), 23);
    setting.stub.failures.store(0, Ordering::SeqCst);
    for _ in 0..70 {
        intents.cancel_intent(CancelIntentRequest::default()).await.unwrap();
    }
    let before = setting.stub.called();
    setting.stub.failures.store(1, Ordering::SeqCst);
    intents.cancel_intent(CancelIntentRequest::default()).await.unwrap();
    assert_eq!(setting.stub.called() - before, 2);
}

#[tokio::test]
async fn a_peer_that_is_not_there_is_waited_for_within_the_deadline() {
    let nobody = harness::Ports::one();
    let mut setting = failing(0, None).await;
    setting.address.set_port(nobody.first());
    let mut intents = IntentServiceClient::new(setting.peer().await);
    let call = intents.open_intent(OpenIntentRequest::default());
    let refused = runtime::within(Duration::from_secs(2), call).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unavailable);
}
