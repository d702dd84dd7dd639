//! What the answer of a peer means, and the want of one.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use proto::payment::v1::{OpenIntentRequest, Payment, intent_service_client::IntentServiceClient};
use runtime::peer::{NoAnswer, ask};
use tonic::{Code, Status};
use tracing::{
    Event, Level, Metadata, Subscriber,
    span::{Attributes, Id, Record},
};

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

#[tokio::test]
async fn a_caller_whose_time_is_over_hears_that_and_no_warning_is_written() {
    let said = async |stub: Stub, patience: Duration, callers: Duration| {
        let setting = Setting::new(stub).await;
        let mut intents = IntentServiceClient::new(setting.peer().await);
        let warnings = Warnings::default();
        let code = runtime::within(callers, async {
            let none = ask(patience, intents.open_intent(OpenIntentRequest::default())).await.unwrap_err();
            let _listening = tracing::subscriber::set_default(warnings.clone());
            Status::from(none.unavailable("nothing can be done")).code()
        });
        (code.await, warnings.0.load(Ordering::SeqCst))
    };
    let slow = || Stub {
        sleep: LONG * 10,
        ..Stub::default()
    };
    for callers in [5, 15, 300].map(Duration::from_millis) {
        assert_eq!(said(slow(), LONG, callers).await, (Code::DeadlineExceeded, 0), "{callers:?}");
    }
    // A peer that is slow or away while our caller waits is another matter.
    assert_eq!(said(slow(), Duration::from_millis(100), LONG).await, (Code::Unavailable, 1));
    let away = Stub {
        failures: 100.into(),
        ..Stub::default()
    };
    assert_eq!(said(away, LONG, LONG).await, (Code::Unavailable, 1));
}

/// Counts what is said to be wrong.
#[derive(Clone, Default)]
struct Warnings(Arc<AtomicU32>);

impl Subscriber for Warnings {
    fn enabled(&self, about: &Metadata<'_>) -> bool {
        *about.level() <= Level::WARN
    }

    fn event(&self, _: &Event<'_>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}
