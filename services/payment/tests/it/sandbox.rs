//! Where nobody has asked for the sandbox there is no provider, and money moves between wallets only.

use std::sync::Arc;

use harness::{Authority, Database, Identity, Nats, databases, reason, usd};
use kernel::OrganisationId;
use payment::Config;
use proto::payment::v1::{CreatePayoutRequest, PaymentState, Payout};
use runtime::{Error, Secret, Start, SystemClock};
use tonic::{Code, Status};

use crate::setting::{Setting, card, order, organisation, payment_id, wallet};

/// Sends 100 cents to a bank account.
async fn pay_out(setting: &Setting, owner: OrganisationId, key: &str) -> Result<Payout, Status> {
    let message = CreatePayoutRequest {
        request_id: key.to_owned(),
        amount: usd(100),
        bank_account_token: "bank_ok".to_owned(),
    };
    let created = setting.payouts().create_payout(setting.authority.person(owner, message)).await;
    created.map(tonic::Response::into_inner)
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_provider_only_wallets_pay() {
    for database in databases().await {
        let mut setting = Setting::on(database).await;
        let (buyer, payment) = (organisation(1), payment_id());
        let topped_up = setting.top_up(buyer, "t", 1_000, "tok_visa").await.unwrap();
        setting.open(payment, buyer, &[(organisation(2), 600)]).await.unwrap();
        let seller = organisation(3);
        setting.top_up(seller, "t", 100, "tok_visa").await.unwrap();
        let paid_out = pay_out(&setting, seller, "p").await.unwrap();
        setting.restart_with(Config::default()).await;

        for refused in [
            setting.top_up(buyer, "u", 1_000, "tok_visa").await.map(drop),
            setting.confirm(buyer, payment, "", card("tok_visa")).await.map(drop),
            pay_out(&setting, buyer, "").await.map(drop),
        ] {
            let refused = refused.unwrap_err();
            assert_eq!(
                (refused.code(), reason(&refused).as_str()),
                (Code::FailedPrecondition, "NO_PAYMENT_PROVIDER")
            );
        }
        let same_again = "what was carried out before is answered";
        assert_eq!(
            setting.top_up(buyer, "t", 1_000, "tok_visa").await.unwrap(),
            topped_up,
            "{same_again}"
        );
        assert_eq!(pay_out(&setting, seller, "p").await.unwrap(), paid_out, "{same_again}");
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
