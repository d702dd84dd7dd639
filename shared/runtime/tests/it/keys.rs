//! Tokens whose keys only identity knows.

use std::{sync::Arc, time::Duration};

use kernel::OrganisationId;
use runtime::{
    Start, SystemClock,
    auth::{Caller, Refused, Verifier},
};
use uuid::Uuid;

use crate::stub::{Setting, Stub};

/// What verifies tokens for a service whose identity is the stub.
async fn verifier(setting: &Setting) -> Verifier {
    let mut settings = setting.authority.settings("order", "", "", &[]);
    settings.peers.insert("identity".to_owned(), format!("http://{}", setting.address));
    Start::new("order", settings, (), Arc::new(SystemClock)).await.unwrap().verifier
}

#[tokio::test]
async fn while_identity_hangs_it_is_asked_once_and_nobody_waits_for_long() {
    let setting = Setting::new(Stub {
        sleep: Duration::from_secs(600),
        ..Stub::default()
    })
    .await;
    let verifier = verifier(&setting).await;
    let mut waiting = tokio::task::JoinSet::new();
    for organisation in 0..50 {
        let organisation = OrganisationId::from_uuid(Uuid::from_u128(organisation));
        let request = setting.authority.operator(organisation, ());
        let token = request.metadata().get("authorization").unwrap().to_str().unwrap();
        let (token, verifier) = (token.trim_start_matches("Bearer ").to_owned(), verifier.clone());
        waiting.spawn(async move { verifier.verify(&token).await });
    }
    let outcomes = tokio::time::timeout(Duration::from_secs(20), waiting.join_all())
        .await
        .expect("nobody waits for all the others");
    assert_eq!(outcomes, vec![Err::<Caller, _>(Refused::Unavailable); 50]);
    assert_eq!(setting.stub.called(), 1);
}
