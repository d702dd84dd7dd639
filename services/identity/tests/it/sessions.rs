//! Registering, signing in, refreshing.

use std::{sync::Arc, time::Duration};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use futures::future::join_all;
use harness::{Database, databases};
use identity::Config;
use kernel::{Clock, ManualClock};
use proto::identity::v1::{GetMeRequest, Tokens};
use runtime::SystemClock;
use sea_orm::{ConnectionTrait, Database as SeaOrm, Statement};
use tonic::Code;

use crate::setting::{PASSWORD, Setting, reason};

#[tokio::test(flavor = "multi_thread")]
async fn an_address_registers_once_in_whatever_case() {
    for database in databases().await {
        let setting = Setting::on(database).await;
        let account = setting.register("Li@Example.com", "one").await.unwrap();
        assert_eq!(setting.register("Li@Example.com", "one").await.unwrap(), account);
        let taken = setting.register("li@example.COM", "two").await.unwrap_err();
        assert_eq!((taken.code(), reason(&taken).as_str()), (Code::AlreadyExists, "EMAIL_TAKEN"));
    }
}

#[tokio::test]
async fn every_bad_field_is_named() {
    let setting = Setting::on(Database::sqlite()).await;
    let bad = proto::identity::v1::RegisterRequest {
        email: "li".to_owned(),
        password: "short".to_owned(),
        display_name: "Two\nlines".to_owned(),
        country: "XX".to_owned(),
        ..Default::default()
    };
    let refused = setting.accounts().register(bad).await.unwrap_err();
    assert_eq!(
        (refused.code(), refused.message()),
        (Code::InvalidArgument, "4 fields are not valid")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_names_its_bearer_and_wrong_passwords_none() {
    for database in databases().await {
        let setting = Setting::on(database).await;
        let account = setting.register("li@example.com", "").await.unwrap();
        let tokens = setting.sign_in("LI@example.com", PASSWORD).await.unwrap();
        let me = setting.me(&tokens).await.unwrap();
        assert_eq!(me.account.unwrap().id, account.id);
        assert_eq!(me.acting_organisation_id, account.personal_organisation_id);
        let wrong = setting.sign_in("li@example.com", "wrong horse battery").await.unwrap_err();
        let unknown = setting.sign_in("nobody@example.com", PASSWORD).await.unwrap_err();
        assert_eq!((wrong.code(), wrong.message()), (unknown.code(), unknown.message()));
        assert_eq!(
            setting.accounts().get_me(GetMeRequest {}).await.unwrap_err().code(),
            Code::Unauthenticated
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_wrong_passwords_close_an_address_for_a_while_whether_it_has_an_account_or_not() {
    for database in databases().await {
        let setting = Setting::on(database).await;
        setting.register("li@example.com", "").await.unwrap();
        for email in ["li@example.com", "nobody@example.com"] {
            for _ in 0..6 {
                let wrong = setting.sign_in(email, "wrong horse battery").await.unwrap_err();
                assert_eq!(wrong.code(), Code::Unauthenticated, "{email}");
            }
            let closed = setting.sign_in(email, PASSWORD).await.unwrap_err();
            assert_eq!(
                (closed.code(), reason(&closed).as_str()),
                (Code::ResourceExhausted, "TOO_MANY_TRIES")
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_a_write_whether_its_address_has_an_account_or_not_and_fills_no_table() {
    for database in databases().await {
        let setting = Setting::on(database).await;
        let account = setting.register("li@example.com", "").await.unwrap();
        let behind = SeaOrm::connect(setting.database().url()).await.unwrap();
        let number = async |query: &str| {
            let statement = Statement::from_string(behind.get_database_backend(), query);
            let row = behind.query_one_raw(statement).await.unwrap().unwrap();
            row.try_get_by_index::<i64>(0).unwrap()
        };
        let causes = number("SELECT COUNT(*) FROM causes").await;
        for failed in 1..=3 {
            setting.sign_in(&account.email, "wrong horse battery").await.unwrap_err();
            assert_eq!(number("SELECT CAST(SUM(failed_sign_ins) AS BIGINT) FROM accounts").await, failed);
        }
        for stranger in 1..=300 {
            setting
                .sign_in(&format!("{stranger}@example.com"), "wrong horse battery")
                .await
                .unwrap_err();
        }
        assert_eq!(number("SELECT CAST(SUM(tries) AS BIGINT) FROM tallies").await, 300);
        assert!(number("SELECT COUNT(*) FROM tallies").await <= 256);
        assert_eq!(number("SELECT COUNT(*) FROM causes").await, causes);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_passwords_tried_at_once_are_no_more_than_those_tried_in_a_row() {
    for database in databases().await {
        let setting = Setting::on(database).await;
        setting.register("li@example.com", "").await.unwrap();
        for email in ["li@example.com", "nobody@example.com"] {
            let tries = (0..60).map(|_| setting.sign_in(email, "wrong horse battery"));
            let codes = join_all(tries).await.into_iter().map(|outcome| outcome.unwrap_err().code());
            assert_eq!(codes.filter(|code| *code == Code::Unauthenticated).count(), 6, "{email}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_works_once_and_its_reuse_ends_the_session() {
    for database in databases().await {
        let setting = Setting::on(database).await;
        setting.register("li@example.com", "").await.unwrap();
        let first = setting.sign_in("li@example.com", PASSWORD).await.unwrap();
        let second = setting.refresh(&first).await.unwrap();
        assert!(setting.me(&second).await.is_ok());
        let none = Tokens {
            refresh_token: "no token at all".to_owned(),
            ..Tokens::default()
        };
        for tokens in [&first, &second, &none] {
            assert_eq!(setting.refresh(tokens).await.unwrap_err().code(), Code::Unauthenticated);
        }
    }
}

/// A refresh token of the same session with a secret that somebody made up: whoever has seen an access token knows the session's id.
fn made_up(tokens: &Tokens) -> Tokens {
    let mut bytes = BASE64_URL_SAFE_NO_PAD.decode(&tokens.refresh_token).unwrap();
    bytes[16..].fill(0);
    Tokens {
        refresh_token: BASE64_URL_SAFE_NO_PAD.encode(bytes),
        ..tokens.clone()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_that_somebody_made_up_neither_ends_nor_moves_the_session() {
    for database in databases().await {
        let setting = Setting::on(database).await;
        setting.register("li@example.com", "").await.unwrap();
        let first = setting.sign_in("li@example.com", PASSWORD).await.unwrap();
        let second = setting.refresh(&first).await.unwrap();
        let company = setting.found(&second, "Pearl River Parts").await;
        let forged = made_up(&second);
        setting.sign_out(&forged).await;
        for refused in [setting.refresh(&forged).await, setting.act_for(&forged, &company.id).await] {
            assert_eq!(refused.unwrap_err().code(), Code::Unauthenticated);
        }
        let third = setting.refresh(&second).await.unwrap();
        assert_eq!(third.organisation_id, second.organisation_id);
        // The first token was one of the session's, however long ago.
        assert_eq!(setting.refresh(&first).await.unwrap_err().code(), Code::Unauthenticated);
        assert_eq!(setting.refresh(&third).await.unwrap_err().code(), Code::Unauthenticated);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_from_before_tokens_proved_whose_they_are_goes_on() {
    for database in databases().await {
        let setting = Setting::on(database).await;
        setting.register("li@example.com", "").await.unwrap();
        let first = setting.sign_in("li@example.com", PASSWORD).await.unwrap();
        setting
            .database()
            .execute("UPDATE sessions SET secrets_key = NULL, version = version + 1")
            .await;
        let second = setting.refresh(&first).await.unwrap();
        let third = setting.refresh(&second).await.unwrap();
        assert_eq!(setting.refresh(&second).await.unwrap_err().code(), Code::Unauthenticated);
        assert_eq!(setting.refresh(&third).await.unwrap_err().code(), Code::Unauthenticated);
    }
}

#[tokio::test]
async fn who_signs_out_with_any_token_of_the_session_refreshes_and_switches_no_more() {
    let setting = Setting::on(Database::sqlite()).await;
    setting.register("li@example.com", "").await.unwrap();
    for exchanged in [false, true] {
        let first = setting.sign_in("li@example.com", PASSWORD).await.unwrap();
        let newest = if exchanged {
            setting.refresh(&first).await.unwrap()
        } else {
            first.clone()
        };
        setting.sign_out(&first).await;
        let home = newest.organisation_id.clone();
        for refused in [setting.refresh(&newest).await, setting.act_for(&newest, &home).await] {
            assert_eq!(refused.unwrap_err().code(), Code::Unauthenticated);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_switches_stays_in_their_session() {
    for database in databases().await {
        let setting = Setting::on(database).await;
        setting.register("li@example.com", "").await.unwrap();
        let first = setting.sign_in("li@example.com", PASSWORD).await.unwrap();
        let company = setting.found(&first, "Pearl River Parts").await;
        let second = setting.act_for(&first, &company.id).await.unwrap();
        // The answer was lost, and the request comes again.
        let again = setting.act_for(&first, &company.id).await.unwrap();
        assert_eq!(
            (&second.refresh_token, &again.refresh_token),
            (&first.refresh_token, &first.refresh_token)
        );
        let third = setting.refresh(&first).await.unwrap();
        assert_eq!((&second.organisation_id, &third.organisation_id), (&company.id, &company.id));
        // The token from before the refresh is an older one of the same session, and ends it.
        assert_eq!(
            setting.act_for(&second, &company.id).await.unwrap_err().code(),
            Code::Unauthenticated
        );
        assert_eq!(setting.refresh(&third).await.unwrap_err().code(), Code::Unauthenticated);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stolen_access_token_neither_lives_longer_nor_moves_the_session() {
    for database in databases().await {
        let setting = Setting::on(database).await;
        for email in ["li@example.com", "thief@example.com"] {
            setting.register(email, "").await.unwrap();
        }
        let owner = setting.sign_in("li@example.com", PASSWORD).await.unwrap();
        let company = setting.found(&owner, "Pearl River Parts").await;
        let thief = setting.sign_in("thief@example.com", PASSWORD).await.unwrap();
        for (refresh_token, code) in [
            (String::new(), Code::InvalidArgument),
            ("no token at all".to_owned(), Code::Unauthenticated),
            (thief.refresh_token, Code::Unauthenticated),
        ] {
            let stolen = Tokens {
                refresh_token,
                ..owner.clone()
            };
            assert_eq!(setting.act_for(&stolen, &company.id).await.unwrap_err().code(), code);
        }
        let next = setting.refresh(&owner).await.unwrap();
        assert_eq!(next.organisation_id, owner.organisation_id);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_keys_turn_without_anybody_noticing() {
    let clock = Arc::new(ManualClock::at(SystemClock.now()));
    let period = Duration::from_secs(4);
    let config = Config {
        key_period_s: period.as_secs(),
        ..Config::default()
    };
    let setting = Setting::with(Database::sqlite(), config, clock.clone()).await;
    setting.register("li@example.com", "").await.unwrap();
    let kid = |tokens: &Tokens| tokens.access_token.split('.').next().unwrap().to_owned();
    let mut last = setting.sign_in("li@example.com", PASSWORD).await.unwrap();
    for _ in 0..3 {
        let published = setting.newest_key().await;
        clock.advance(period);
        let tokens = setting.sign_in("li@example.com", PASSWORD).await.unwrap();
        assert_ne!(kid(&tokens), kid(&last));
        assert!(setting.me(&tokens).await.is_ok() && setting.me(&last).await.is_ok());
        last = tokens;
        harness::until("the key after this one is published", || async {
            setting.newest_key().await != published
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_takes_the_tokens_of_another_one_from_the_first_and_whoever_made_the_key() {
    for database in databases().await {
        let clock = Arc::new(ManualClock::at(SystemClock.now()));
        let period = Duration::from_secs(4);
        let config = Config {
            key_period_s: period.as_secs(),
            ..Config::default()
        };
        let one = Setting::with(database, config, clock.clone()).await;
        one.register("li@example.com", "").await.unwrap();
        let other = one.beside().await;
        for _ in 0..3 {
            for (signs, verifies) in [(&one, &other), (&other, &one)] {
                let tokens = signs.sign_in("li@example.com", PASSWORD).await.unwrap();
                verifies.me(&tokens).await.unwrap();
            }
            let published = one.newest_key().await;
            clock.advance(period);
            harness::until("both know the key after this one, which one of them has made", || async {
                let newest = one.newest_key().await;
                newest != published && newest == other.newest_key().await
            })
            .await;
        }
    }
}
