//! A call gets what is left of its caller's time, and not more.

use std::time::Duration;

use proto::payment::v1::{OpenIntentRequest, intent_service_client::IntentServiceClient};
use tokio::time::Instant;
use tonic::Code;

use crate::stub::{Setting, Stub};

#[tokio::test]
async fn what_is_left_of_the_callers_time_travels_along() {
    let setting = Setting::new(Stub::default()).await;
    let mut intents = IntentServiceClient::new(setting.peer().await);
    for budget in [400_u64, 3_000] {
        let call = intents.open_intent(OpenIntentRequest::default());
        let answer = runtime::within(Duration::from_millis(budget), call).await.unwrap().into_inner();
        let left: u64 = answer.decline_reason.parse().unwrap();
        assert!(left < budget && left > budget / 4, "{left} of {budget} ms");
    }
    // Outside of a request it is the default.
    let answer = intents.open_intent(OpenIntentRequest::default()).await.unwrap().into_inner();
    assert!(answer.decline_reason.parse::<u64>().unwrap() > 9_000);
}

#[tokio::test]
async fn a_call_without_time_is_not_made_and_a_slow_one_is_given_up() {
    let setting = Setting::new(Stub {
        sleep: Duration::from_secs(20),
        ..Stub::default()
    })
    .await;
    let mut intents = IntentServiceClient::new(setting.peer().await);
    let call = intents.open_intent(OpenIntentRequest::default());
    let refused = runtime::within(Duration::from_millis(5), call).await.unwrap_err();
    assert_eq!((refused.code(), setting.stub.called()), (Code::DeadlineExceeded, 0));

    let started = Instant::now();
    let call = intents.open_intent(OpenIntentRequest::default());
    let late = runtime::within(Duration::from_millis(300), call).await.unwrap_err();
    assert!(matches!(late.code(), Code::DeadlineExceeded | Code::Cancelled), "{late:?}");
    assert!(started.elapsed() < Duration::from_secs(5));
}
