//! Tokens that were revoked, as identity tells over a real broker.

use async_nats::{HeaderMap, jetstream};
use events::Bus;
use gateway::{Config, Revocations};
use harness::{Nats, until};
use kernel::{Clock, OrganisationId, SessionId, uuid::Uuid};
use prost::Message;
use proto::identity::v1::{MemberChanged, PasswordReplaced, SessionEnded};
use reqwest::RequestBuilder;
use runtime::{Secret, Settings, auth::AccessClaims};
use serde_json::{Value, json};

use crate::setting::{self, Setting, claims, header, read, refused, trial};

/// A gateway that hears what is revoked, and the broker that it hears it from.
struct Listening {
    nats: Nats,
    setting: Setting,
}

impl Listening {
    /// Hears from the beginning.
    async fn start() -> Self {
        let listening = Self::to(Nats::start().await).await;
        listening.becomes("followed").await;
        listening
    }

    /// To a broker that may be away.
    async fn to(nats: Nats) -> Self {
        let config = Config {
            requests_per_second_per_address: 0,
            requests_per_second_per_principal: 0,
            heartbeat_ms: 20,
            threads: 0,
            ..Config::default()
        };
        let revocations = Revocations::unknown();
        let setting = setting::revoking(config, &[&trial().await], revocations.clone()).await;
        let settings = Settings {
            nats: Secret::new(nats.url()),
            ..Settings::default()
        };
        tokio::spawn(revocations.follow(settings, setting.clock.clone()));
        Self { nats, setting }
    }

    /// Waits until the gateway says this of what it knows.
    async fn becomes(&self, state: &str) {
        until(state, || async {
            let (_, said) = read(self.setting.get("/readyz")).await;
            said["revocations"] == state
        })
        .await;
    }

    /// Waits until a token is refused that was good.
    async fn refuses(&self, claims: &AccessClaims) {
        until("the token is refused", || async {
            self.with(claims).send().await.unwrap().status() != 200
        })
        .await;
        assert_eq!(refused(self.with(claims), 401).await["reason"], "TOKEN_REVOKED");
    }

    async fn accepts(&self, claims: &AccessClaims) {
        assert_eq!(read(self.with(claims)).await.0, 200, "{claims:?}");
    }

    fn with(&self, claims: &AccessClaims) -> RequestBuilder {
        self.setting.get("/v1/books/7").bearer_auth(self.setting.sign(claims))
    }

    fn watch(&self, claims: &AccessClaims) -> RequestBuilder {
        self.setting
            .get("/v1/events?then=wait&count=1")
            .header("accept", "text/event-stream")
            .bearer_auth(self.setting.sign(claims))
    }

    /// Publishes what identity's relay would.
    async fn tell(&self, name: &str, version: i64, body: &impl Message) {
        tell(&self.nats, name, version, self.setting.clock.now().micros(), body).await;
    }

    async fn changed(&self, name: &str, version: i64, member: &AccessClaims) {
        let changed = MemberChanged {
            organisation_id: member.org.to_string(),
            account_id: member.sub.to_string(),
        };
        self.tell(name, version, &changed).await;
    }
}

async fn tell(nats: &Nats, name: &str, version: i64, micros: i64, body: &impl Message) {
    // Whoever comes first makes the stream.
    Bus::connect(&nats.url()).await.unwrap().history("identity").await.unwrap();
    let mut headers = HeaderMap::new();
    headers.insert("ce-id", Uuid::new_v4().to_string());
    headers.insert("ce-subject", Uuid::new_v4().to_string());
    headers.insert("ce-aggregateversion", version.to_string());
    headers.insert("ce-timemicros", micros.to_string());
    let broker = jetstream::new(nats.client().await);
    let subject = format!("identity.v1.{name}");
    let sent = broker.publish_with_headers(subject, headers, body.encode_to_vec().into()).await;
    sent.unwrap().await.unwrap();
}

/// A member's token, issued by this version of their membership.
fn member(version: i64) -> AccessClaims {
    AccessClaims {
        sid: Some(SessionId::from_uuid(Uuid::new_v4())),
        mbr: version,
        ..claims("", &[])
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_an_earlier_membership_is_refused_and_one_of_the_present_is_not() {
    let listening = Listening::start().await;
    for name in ["member_removed", "member_role_changed"] {
        let before = member(3);
        let after = AccessClaims { mbr: 4, ..before.clone() };
        let elsewhere = AccessClaims {
            org: OrganisationId::from_uuid(Uuid::new_v4()),
            ..before.clone()
        };
        let colleague = AccessClaims {
            org: before.org,
            ..member(3)
        };
        listening.accepts(&before).await;
        listening.changed(name, 4, &before).await;
        listening.refuses(&before).await;
        for good in [&after, &elsewhere, &colleague] {
            listening.accepts(good).await;
        }
        let answer = listening.with(&before).send().await.unwrap();
        let challenge = header(&answer, "www-authenticate");
        assert!(
            challenge.starts_with("Bearer ") && challenge.contains("error=\"invalid_token\""),
            "{challenge}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_an_ended_session_or_an_earlier_password_was_issued_is_refused() {
    let listening = Listening::start().await;
    let first = member(1);
    let second = AccessClaims {
        sid: member(1).sid,
        ..first.clone()
    };
    let ended = SessionEnded {
        session_id: first.sid.unwrap().to_string(),
        account_id: first.sub.to_string(),
    };
    listening.accepts(&first).await;
    listening.tell("session_ended", 2, &ended).await;
    listening.refuses(&first).await;
    listening.accepts(&second).await;

    let replaced = PasswordReplaced {
        account_id: first.sub.to_string(),
        passwords: 1,
    };
    listening.tell("password_replaced", 9, &replaced).await;
    listening.refuses(&second).await;
    listening.accepts(&AccessClaims { pwd: 1, ..second }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_stream_ends_with_its_token_and_no_other_does() {
    let listening = Listening::start().await;
    let (dismissed, colleague) = (member(1), member(1));
    let (stream, mut other) = (
        listening.watch(&dismissed).send().await.unwrap(),
        listening.watch(&colleague).send().await.unwrap(),
    );
    assert_eq!((stream.status().as_u16(), other.status().as_u16()), (200, 200));
    listening.changed("member_removed", 2, &dismissed).await;
    let text = stream.text().await.unwrap();
    let last = text.trim_end().rsplit("\n\n").next().unwrap();
    let problem: Value = serde_json::from_str(last.strip_prefix("event: problem\ndata: ").unwrap()).unwrap();
    assert_eq!((&problem["status"], &problem["reason"]), (&json!(401), &json!("TOKEN_REVOKED")));
    assert_eq!(refused(listening.watch(&dismissed), 401).await["reason"], "TOKEN_REVOKED");
    for _ in 0..10 {
        assert!(other.chunk().await.unwrap().is_some(), "it goes on");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_token_is_believed_until_it_is_known_what_was_revoked_before() {
    let mut nats = Nats::start().await;
    let (dismissed, colleague) = (member(1), member(1));
    let changed = MemberChanged {
        organisation_id: dismissed.org.to_string(),
        account_id: dismissed.sub.to_string(),
    };
    tell(&nats, "member_removed", 2, 1_000_000_000, &changed).await;
    nats.kill();
    let mut listening = Listening::to(nats).await;
    assert_eq!(refused(listening.with(&colleague), 503).await["reason"], "UNAVAILABLE");
    assert_eq!(
        read(listening.setting.get("/v1/books/7")).await.0,
        200,
        "whoever shows none is served"
    );
    let unready = json!({"status": "unready", "revocations": "unknown", "upstreams": {"trial": "serving"}});
    assert_eq!(read(listening.setting.get("/readyz")).await, (503, unready));

    listening.nats.resume().await;
    listening.becomes("followed").await;
    listening.accepts(&colleague).await;
    assert_eq!(refused(listening.with(&dismissed), 401).await["reason"], "TOKEN_REVOKED");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_known_holds_while_the_broker_is_away_and_the_rest_is_heard_when_it_is_back() {
    let mut listening = Listening::start().await;
    let (first, second) = (member(1), member(1));
    listening.changed("member_removed", 2, &first).await;
    listening.refuses(&first).await;

    listening.nats.kill();
    listening.becomes("stale").await;
    let said = json!({"status": "degraded", "revocations": "stale", "upstreams": {"trial": "serving"}});
    assert_eq!(read(listening.setting.get("/readyz")).await, (200, said));
    assert_eq!(read(listening.setting.get("/readyz?all")).await.0, 503);
    listening.refuses(&first).await;
    listening.accepts(&second).await;

    listening.nats.resume().await;
    listening.changed("member_removed", 2, &second).await;
    listening.refuses(&second).await;
    listening.refuses(&first).await;
    listening.becomes("followed").await;
}
