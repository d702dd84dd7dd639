//! Who operates the platform.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use harness::{Database, databases};
use identity::Config;
use proto::identity::v1::Tokens;
use runtime::Secret;
use tonic::Code;

use crate::setting::{PASSWORD, Setting, reason};

const OPERATOR: &str = "operator@example.com";

const SECRET: &str = "what only the deployer knows";

fn with_an_operator() -> Config {
    Config {
        operators: vec![Secret::new(format!("Operator@example.com:{SECRET}"))],
        ..Config::default()
    }
}

/// Whether an access token says so.
fn operates(tokens: &Tokens) -> bool {
    let claims = tokens.access_token.split('.').nth(1).unwrap();
    let claims = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
    claims.contains(r#""roles":["owner","operator"]"#)
}

#[tokio::test]
async fn nobody_becomes_an_operator_by_registering_the_address() {
    let setting = Setting::configured(Database::sqlite(), with_an_operator()).await;
    assert_eq!(reason(&setting.register(OPERATOR, "").await.unwrap_err()), "EMAIL_TAKEN");
    assert_eq!(setting.sign_in(OPERATOR, PASSWORD).await.unwrap_err().code(), Code::Unauthenticated);
    assert!(operates(&setting.sign_in(OPERATOR, SECRET).await.unwrap()));
    setting.register("li@example.com", "").await.unwrap();
    assert!(!operates(&setting.sign_in("li@example.com", PASSWORD).await.unwrap()));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_registered_an_address_before_it_was_an_operator_s_is_out() {
    for database in databases().await {
        let setting = Setting::configured(database, Config::default()).await;
        let account = setting.register(OPERATOR, "").await.unwrap();
        let before = setting.sign_in(OPERATOR, PASSWORD).await.unwrap();
        let setting = setting.anew(with_an_operator()).await;
        let moved = setting.act_for(&before, &before.organisation_id).await;
        assert_eq!(moved.unwrap_err().code(), Code::Unauthenticated);
        assert_eq!(setting.sign_in(OPERATOR, PASSWORD).await.unwrap_err().code(), Code::Unauthenticated);
        assert_eq!(setting.refresh(&before).await.unwrap_err().code(), Code::Unauthenticated);
        let after = setting.sign_in(OPERATOR, SECRET).await.unwrap();
        assert!(operates(&after) && after.account_id == account.id);
    }
}
