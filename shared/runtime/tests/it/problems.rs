//! What peers hear of what is wrong with their calls.

use proto::payment::v1::{CancelIntentRequest, intent_service_client::IntentServiceClient};
use tonic::Code;
use tonic_types::StatusExt;

use crate::stub::{Setting, Stub};

#[tokio::test]
async fn a_call_with_very_many_bad_fields_is_refused_and_not_lost() {
    let setting = Setting::new(Stub {
        bad_fields: 5_000,
        ..Stub::default()
    })
    .await;
    let mut intents = IntentServiceClient::new(setting.peer().await);
    let refused = intents.cancel_intent(CancelIntentRequest::default()).await.unwrap_err();
    assert_eq!(
        (refused.code(), refused.message()),
        (Code::InvalidArgument, "5000 fields are not valid")
    );
    assert!(refused.get_details_bad_request().unwrap().field_violations.len() > 500);
}
