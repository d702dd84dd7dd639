//! What is told so that access tokens are refused before they expire, and what the tokens themselves say of that.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use events::{Event, Follower};
use harness::databases;
use identity::Config;
use proto::identity::v1::{
    AddMemberRequest, ChangeMemberRoleRequest, MemberChanged, PasswordReplaced, RemoveMemberRequest, Role, SessionEnded, Tokens,
};
use runtime::{Secret, auth::AccessClaims};

use crate::setting::{PASSWORD, Setting, with};

/// What an access token says.
fn claims(tokens: &Tokens) -> AccessClaims {
    let claims = tokens.access_token.split('.').nth(1).unwrap();
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap()
}

/// The next event that takes something from somebody.
async fn next(follower: &mut Follower, waiting: &mut Vec<Event>) -> Event {
    loop {
        if !waiting.is_empty() {
            return waiting.remove(0);
        }
        let events = follower.next().await.unwrap().into_iter().map(|(_, event)| event);
        waiting.extend(events.filter(|event| {
            let gives = ["account_registered", "organisation_created", "member_added"];
            !gives.iter().any(|name| event.subject.ends_with(name))
        }));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ends_is_told_of_once() {
    for database in databases().await {
        let setting = Setting::on(database).await;
        let (mut follower, mut waiting) = (setting.follow().await, Vec::new());
        setting.register("li@example.com", "").await.unwrap();
        let begin = async || setting.sign_in("li@example.com", PASSWORD).await.unwrap();

        let signed_out = begin().await;
        setting.sign_out(&signed_out).await;
        setting.sign_out(&signed_out).await;
        let refreshed = begin().await;
        setting.refresh(&refreshed).await.unwrap();
        setting.refresh(&refreshed).await.unwrap_err();
        setting.refresh(&refreshed).await.unwrap_err();
        let switched = begin().await;
        setting.refresh(&switched).await.unwrap();
        let home = switched.organisation_id.clone();
        setting.act_for(&switched, &home).await.unwrap_err();

        for tokens in [&signed_out, &refreshed, &switched] {
            let event = next(&mut follower, &mut waiting).await;
            assert_eq!(event.subject, "identity.v1.session_ended");
            let ended = SessionEnded {
                session_id: claims(tokens).sid.unwrap().to_string(),
                account_id: tokens.account_id.clone(),
            };
            assert_eq!(event.decode::<SessionEnded>().unwrap(), ended);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_says_by_which_version_of_the_membership_it_was_issued_and_the_event_which_one_came_after() {
    for database in databases().await {
        let setting = Setting::on(database).await;
        let (mut follower, mut waiting) = (setting.follow().await, Vec::new());
        for email in ["owner@example.com", "clerk@example.com"] {
            setting.register(email, "").await.unwrap();
        }
        let owner = setting.sign_in("owner@example.com", PASSWORD).await.unwrap();
        let clerk = setting.sign_in("clerk@example.com", PASSWORD).await.unwrap();
        let company = setting.found(&owner, "Pearl River Parts").await.id;
        let acting = setting.act_for(&owner, &company).await.unwrap();
        let (organisation_id, account_id) = (company.clone(), clerk.account_id.clone());
        let add = AddMemberRequest {
            request_id: String::new(),
            organisation_id: organisation_id.clone(),
            email: "clerk@example.com".to_owned(),
            role: Role::Finance.into(),
        };
        setting.organisations().add_member(with(&acting, add.clone())).await.unwrap();
        let before = setting.act_for(&clerk, &company).await.unwrap();

        let lower = ChangeMemberRoleRequest {
            request_id: String::new(),
            organisation_id: organisation_id.clone(),
            account_id: account_id.clone(),
            role: Role::Viewer.into(),
        };
        setting.organisations().change_member_role(with(&acting, lower)).await.unwrap();
        let lowered = setting.refresh(&before).await.unwrap();
        let remove = RemoveMemberRequest {
            request_id: String::new(),
            organisation_id: organisation_id.clone(),
            account_id: account_id.clone(),
        };
        setting.organisations().remove_member(with(&acting, remove)).await.unwrap();
        setting.organisations().add_member(with(&acting, add)).await.unwrap();
        let back = setting.refresh(&lowered).await.unwrap();

        for (subject, refused, accepted) in [("member_role_changed", &before, &lowered), ("member_removed", &lowered, &back)] {
            let event = next(&mut follower, &mut waiting).await;
            assert_eq!(event.subject, format!("identity.v1.{subject}"));
            let (organisation_id, account_id) = (organisation_id.clone(), account_id.clone());
            let whose = MemberChanged {
                organisation_id,
                account_id,
            };
            assert_eq!(event.decode::<MemberChanged>().unwrap(), whose);
            assert!(claims(refused).mbr < event.version && event.version <= claims(accepted).mbr);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replaced_password_ends_whatever_was_issued_by_an_earlier_one() {
    for database in databases().await {
        let setting = Setting::configured(database, Config::default()).await;
        setting.register("ada@example.com", "").await.unwrap();
        let before = setting.sign_in("ada@example.com", PASSWORD).await.unwrap();
        let secret = "what only the deployer knows";
        let setting = setting
            .anew(Config {
                operators: vec![Secret::new(format!("ada@example.com:{secret}"))],
                ..Config::default()
            })
            .await;
        let (mut follower, mut waiting) = (setting.follow().await, Vec::new());
        let event = next(&mut follower, &mut waiting).await;
        assert_eq!(event.subject, "identity.v1.password_replaced");
        let replaced: PasswordReplaced = event.decode().unwrap();
        assert_eq!(replaced.account_id, before.account_id);
        let after = setting.sign_in("ada@example.com", secret).await.unwrap();
        assert!(claims(&before).pwd < replaced.passwords && replaced.passwords <= claims(&after).pwd);
    }
}
