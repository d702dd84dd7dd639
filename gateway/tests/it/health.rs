//! How the gateway tells that it and those behind it are well, and how it ends.

use std::sync::atomic::Ordering;

use gateway::Config;
use serde_json::json;
use tonic_health::ServingStatus;

use crate::{
    setting::{self, read, setting, with},
    trial::DRAINING,
};

#[tokio::test]
async fn liveness_and_readiness_are_told() {
    let setting = setting().await;
    assert_eq!(read(setting.get("/healthz")).await, (200, json!({"status": "alive"})));
    assert_eq!(
        read(setting.get("/readyz")).await,
        (
            200,
            json!({"status": "ready", "revocations": "followed", "upstreams": {"trial": "serving"}})
        )
    );
    let (listener, address) = setting::listen().await;
    drop(listener);
    let lost = setting::before(Config::default(), &address).await;
    assert_eq!(
        read(lost.get("/readyz")).await,
        (
            503,
            json!({"status": "unready", "revocations": "followed", "upstreams": {"trial": "down"}})
        )
    );
    assert_eq!(read(lost.get("/healthz")).await.0, 200);
}

#[tokio::test]
async fn a_service_is_as_well_as_its_worst_replica_and_reached_by_any() {
    let (listener, nobody) = setting::listen().await;
    drop(listener);
    let [well, unwell] = [ServingStatus::Serving, ServingStatus::NotServing].map(setting::trial_that_is);
    let (well, unwell) = (well.await, unwell.await);
    let cases = [
        (vec![&well, &well], "serving", [200, 200]),
        (vec![&well, &unwell], "unwell", [200, 503]),
        (vec![&unwell], "unwell", [200, 503]),
        (vec![&nobody, &well], "down", [200, 503]),
        (vec![&nobody, &nobody], "down", [503, 503]),
    ];
    for (replicas, state, statuses) in cases {
        let replicas: Vec<&str> = replicas.into_iter().map(String::as_str).collect();
        let setting = setting::before_all(Config::default(), &replicas).await;
        for (path, status) in ["/readyz", "/readyz?all"].into_iter().zip(statuses) {
            let (answered, said) = read(setting.get(path)).await;
            assert_eq!((answered, &said["upstreams"]["trial"]), (status, &json!(state)), "{path}");
        }
    }
}

#[tokio::test]
async fn a_gateway_that_ends_finishes_what_is_under_way() {
    let setting = with(Config {
        deadline_ms: 400,
        ..Config::default()
    })
    .await;
    // One that its deadline ends on the way to the service is sent again.
    let slow = loop {
        let slow = tokio::spawn(setting.post("/v1/fail", &json!({"how": "draining"})).send());
        while !DRAINING.load(Ordering::SeqCst) && !slow.is_finished() {
            tokio::task::yield_now().await;
        }
        if DRAINING.load(Ordering::SeqCst) {
            break slow;
        }
    };
    setting.ending.cancel();
    setting.gateway.await.unwrap();
    assert_eq!(slow.await.unwrap().unwrap().status(), 504, "it had its answer");
    assert!(setting.client.get(format!("{}/healthz", setting.url)).send().await.is_err());
}
