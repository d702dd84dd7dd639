//! What the answer of a peer means, and the want of one.

use std::time::Duration;

use proto::payment::v1::{OpenIntentRequest, Payment, intent_service_client::IntentServiceClient};
use runtime::peer::{NoAnswer, ask};
use tonic::Code;

use crate::stub::{Setting, Stub};

async fn asked(stub: Stub, timeout: Duration) -> Result<Payment, NoAnswer> {
    let setting = Setting::new(stub).await;
    let mut intents = IntentServiceClient::new(setting.peer().await);
    ask(timeout, intents.open_intent(OpenIntentRequest::default())).await
}

const LONG: Duration = Duration::from_secs(20);

#[tokio::test]
async fn a_peer_that_says_no_is_told_from_one_that_does_not_say() {
    asked(Stub::default(), LONG).await.unwrap();
    let bad = Stub {
        bad_fields: 1,
        ..Stub::default()
    };
    let refused = asked(bad, LONG).await.unwrap_err();
    assert!(matches!(&refused, NoAnswer::Refused(status) if status.code() == Code::InvalidArgument));
    let away = Stub {
        failures: 100.into(),
        ..Stub::default()
    };
    let unknown = asked(away, LONG).await.unwrap_err();
    assert!(matches!(&unknown, NoAnswer::Unknown(status) if status.code() == Code::Unavailable));
}

#[tokio::test]
async fn an_answer_that_does_not_come_within_the_time_of_ours_or_of_our_caller_is_unknown() {
    let slow = || Stub {
        sleep: LONG * 10,
        ..Stub::default()
    };
    let late = asked(slow(), Duration::from_millis(200)).await.unwrap_err();
    assert!(matches!(late, NoAnswer::Unknown(_)), "{late:?}");
    let late = runtime::within(Duration::from_millis(200), asked(slow(), LONG)).await.unwrap_err();
    assert!(matches!(late, NoAnswer::Unknown(_)), "{late:?}");
}
