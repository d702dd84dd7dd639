//! A member who is removed, or signs out, is out at once, whatever their tokens say.

use harness::until;
use serde_json::{Value, json};
use tests::{Database, Ecosystem, Events};
use tradewind::client::{Error, Person, money, text};

/// Somebody's account.
async fn account(person: &Person) -> String {
    let me = person.client.get("/v1/me").await.unwrap();
    text(&me["account"], "id")
}

/// Pays a cent out of the organisation's wallet, once under this key.
async fn pay_out(person: &Person, to: &Person, key: &str) -> Result<Value, Error> {
    let body = json!({ "recipientId": to.organisation, "amount": money(1, "USD") });
    person.client.post("/v1/wallets:transfer", key, body).await
}

/// Waits until a token is refused that was good.
async fn is_out(person: &Person) {
    until("the token is refused", || async {
        person.client.get("/v1/wallets/USD").await.is_err()
    })
    .await;
    let Err(Error::Problem(problem)) = person.client.get("/v1/wallets/USD").await else {
        panic!("the token is good")
    };
    assert_eq!((problem.status.as_u16(), problem.reason.as_str()), (401, "TOKEN_REVOKED"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_who_was_removed_or_signs_out_has_no_power_left() {
    for database in Database::at_hand() {
        let ecosystem = Ecosystem::start(database).await;
        let market = ecosystem.market();
        let (owner, seller) = (market.buyer("owner", 0).await, market.seller("maker", 1).await.seller);
        let clerk = market.buyer("clerk", 0).await;
        let company = text(&owner.found("Company", "BR").await.unwrap(), "id");
        let boss = owner.acting_for(&company).await.unwrap();
        let members = format!("/v1/organisations/{company}/members");
        let joins = json!({ "email": "clerk@buyer.example", "role": "ROLE_FINANCE" });
        boss.client.post(&members, "joins", joins).await.unwrap();
        let acting = clerk.acting_for(&company).await.unwrap();
        acting.top_up("fill", money(1_000, "USD")).await.unwrap();
        pay_out(&acting, &seller, "before").await.unwrap();
        let talk = json!({ "organisationId": seller.organisation, "context": {} });
        let talk = text(&acting.client.post("/v1/conversations", "talk", talk).await.unwrap(), "id");
        let stream = format!("/v1/conversations/{talk}/messages:stream");
        let mut stream = Events::of(&acting.client, &stream, "").await;

        let removed = reqwest::Client::new()
            .delete(format!("{}{members}/{}", ecosystem.url(), account(&clerk).await))
            .bearer_auth(boss.client.token().unwrap())
            .send();
        assert_eq!(removed.await.unwrap().status(), 200);
        is_out(&acting).await;
        assert_eq!(pay_out(&acting, &seller, "after").await.unwrap_err().reason(), "TOKEN_REVOKED");
        assert_eq!(boss.balance("USD").await.unwrap(), 999);
        let last = stream.next().await.unwrap();
        assert_eq!(
            (last.name.as_str(), text(&last.data, "reason").as_str()),
            ("problem", "TOKEN_REVOKED")
        );

        // Their own affairs are none of the company's, until they sign out.
        clerk.balance("USD").await.unwrap();
        let session = json!({ "refreshToken": acting.refresh_token() });
        ecosystem.gateway().post("/v1/sessions:signOut", "", session).await.unwrap();
        is_out(&clerk).await;
        ecosystem.is_well().await;
    }
}
