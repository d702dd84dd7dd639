//! Where nobody has asked for the sandbox there is no provider, and money moves between wallets only.

use std::sync::Arc;

use harness::{Authority, Database, Identity, Nats, databases};
use payment::Config;
use proto::payment::v1::{CreatePayoutRequest, PaymentState};
use runtime::{Error, Secret, Start, SystemClock};
use tonic::Code;

use crate::setting::{Setting, card, order, organisation, payment_id, reason, usd, wallet};

#[tokio::test(flavor = "multi_thread")]
async fn without_a_provider_only_wallets_pay() {
    for database in databases().await {
        let mut setting = Setting::on(database).await;
        let (buyer, payment) = (organisation(1), payment_id());
        setting.top_up(buyer, "t", 1_000, "tok_visa").await.unwrap();
        setting.open(payment, buyer, &[(organisation(2), 600)]).await.unwrap();
        setting.restart_with(Config::default()).await;

        let payout = CreatePayoutRequest {
            request_id: String::new(),
            amount: Some(usd(100)),
            bank_account_token: "bank_ok".to_owned(),
        };
        let payout = setting.authority.person(buyer, payout);
        for refused in [
            setting.top_up(buyer, "u", 1_000, "tok_visa").await.map(drop),
            setting.confirm(buyer, payment, "", card("tok_visa")).await.map(drop),
            setting.payouts().create_payout(payout).await.map(drop),
        ] {
            let refused = refused.unwrap_err();
            assert_eq!(
                (refused.code(), reason(&refused).as_str()),
                (Code::FailedPrecondition, "NO_PAYMENT_PROVIDER")
            );
        }
        let callback = setting.captured(payment, 1, 600).await.unwrap_err();
        assert_eq!(callback.code(), Code::NotFound);
        let paid = setting.confirm(buyer, payment, "", wallet()).await.unwrap();
        assert_eq!(paid.state(), PaymentState::Succeeded);
        assert_eq!(setting.escrow(buyer, order(payment, 0)).await.unwrap(), (600, 0, 0));
        assert_eq!(setting.wallet(buyer).await, (400, 400));
        setting.books_are_right().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_without_a_secret_is_not_believed() {
    let config = Config {
        sandbox: true,
        ..Config::default()
    };
    let setting = Setting::configured(Database::sqlite(), config).await;
    let (buyer, payment) = (organisation(1), payment_id());
    setting.open(payment, buyer, &[(organisation(2), 600)]).await.unwrap();
    setting.confirm(buyer, payment, "", card("tok_late")).await.unwrap();
    let refused = setting.captured(payment, 1, 600).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unauthenticated);
}

#[tokio::test]
async fn a_secret_that_is_none_ends_the_service_at_its_start() {
    let (authority, nats, database) = (Authority::new(), Nats::start().await, Database::sqlite());
    for secret in ["a secret", "whsec_c2hvcnQ="] {
        let settings = authority.settings("payment", database.url(), &nats.url(), &[("identity", Identity::start().await)]);
        let config = Config {
            sandbox: true,
            sandbox_webhook_secret: Secret::new(secret),
        };
        let start = Start::new("payment", settings, config, Arc::new(SystemClock)).await.unwrap();
        let Err(Error::Configuration(error)) = payment::run(start).await else {
            panic!("it started with {secret}")
        };
        assert!(
            error.starts_with("payment.sandbox_webhook_secret: ") && !error.contains(secret),
            "{error}"
        );
    }
}
