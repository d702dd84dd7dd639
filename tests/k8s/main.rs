//! The manifests for Kubernetes against what they must fit: the services' real settings, their ports, and the call graph of the protos.
//! They are rendered without kubectl, which is not everywhere; `make k8s` looks whether kubectl renders the same.

#![allow(clippy::unwrap_used)]

mod kubectl;
mod kustomize;
mod manifests;
mod network;
mod readme;

use std::{
    collections::{BTreeMap, BTreeSet},
    process::Command,
};

use harness::Authority;
use k8s_openapi::apimachinery::pkg::{api::resource::Quantity, util::intstr::IntOrString};
use runtime::health;

use crate::manifests::{Manifests, render};

const SERVICES: [&str; 7] = ["gateway", "identity", "catalog", "order", "payment", "logistics", "messaging"];

fn overlays() -> Vec<Manifests> {
    ["dev", "prod"].map(render).into()
}

/// The environment that a service's container gets, with stand-ins for what its secrets hold.
fn environment(manifests: &Manifests, service: &str) -> BTreeMap<String, String> {
    let authority = Authority::new();
    let settings = authority.settings(service, "", "", &[]);
    let mut environment = manifests.settings.clone();
    for (name, key) in &settings.service_keys {
        environment.insert(format!("TRADEWIND__SERVICE_KEYS__{}", name.to_uppercase()), key.clone());
    }
    for variable in manifests.container(service).env.iter().flatten() {
        let secret = variable.value_from.as_ref().and_then(|from| from.secret_key_ref.as_ref());
        let value = match (&variable.value, secret.map(|secret| secret.key.as_str())) {
            (Some(value), None) => value.clone(),
            (None, Some("service-key")) => settings.service_key.reveal().to_owned(),
            (None, Some("database")) => format!("postgres://{service}:secret@postgres/{service}"),
            (None, Some("nats")) => format!("nats://{service}:secret@nats:4222"),
            (None, Some("key-secret")) => "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0czE=".to_owned(),
            (None, Some("operators")) => "ada@example.com:a long password".to_owned(),
            (None, Some(_)) => "whsec_c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0".to_owned(),
            other => panic!("{service}: {} is {other:?}", variable.name),
        };
        environment.insert(variable.name.clone(), value);
    }
    environment
}

/// Whether a service could start in this environment, and all that it said.
fn check(service: &str, environment: &BTreeMap<String, String>) -> (bool, String) {
    let output = Command::new(tests::program())
        .args(["serve", service, "--check"])
        .env_clear()
        .envs(environment)
        .output()
        .unwrap();
    (
        output.status.success(),
        String::from_utf8([output.stdout, output.stderr].concat()).unwrap(),
    )
}

#[test]
fn every_service_takes_the_settings_that_it_is_given() {
    for manifests in overlays() {
        assert_eq!(
            manifests.deployments.keys().map(String::as_str).collect::<BTreeSet<_>>(),
            SERVICES.into()
        );
        for service in SERVICES {
            let mut environment = environment(&manifests, service);
            let (right, said) = check(service, &environment);
            assert!(right, "{service}: {said}");
            // A name that the service does not know would be told.
            environment.insert("TRADEWIND__NATZ".to_owned(), "nats://nats".to_owned());
            let (right, said) = check(service, &environment);
            assert!(!right && said.contains("natz"), "{service}: {said}");
        }
    }
}

/// What a service would not start with is told, by its name.
#[test]
fn a_wrong_setting_is_told_before_the_start() {
    let manifests = render("prod");
    for (service, name, value, told) in [
        ("order", "ORDER__STEP_TIMEOUT_MS", "0", "order.step_timeout_ms"),
        ("order", "PEERS__CATALOG", "http://no host", "peers.catalog"),
        ("order", "DATABASE", "mysql://order", "database"),
        ("order", "SERVICE_KEYS__GATEWAY", "nonsense", "service_keys"),
        ("messaging", "MESSAGING__STREAM_S", "0", "messaging.stream_s"),
        ("catalog", "NATS_REPLICAS", "0", "nats_replicas"),
        ("catalog", "NATS", "nats.example:nothing", "nats://host:4222"),
        (
            "logistics",
            "LOGISTICS__CARRIERS__DHL__SECRET",
            "secret",
            "logistics.carriers.dhl.secret",
        ),
        (
            "payment",
            "PAYMENT__SANDBOX_WEBHOOK_SECRET",
            "secret",
            "payment.sandbox_webhook_secret",
        ),
        ("identity", "IDENTITY__OPERATORS", "ada@example.com", "identity.operators"),
        ("identity", "IDENTITY__KEY_SECRET", "secret", "identity.key_secret"),
        ("identity", "IDENTITY__ARGON2_PASSES", "0", "identity.argon2"),
        ("gateway", "PEERS__ORDER", "order-service:7000", "peers.order"),
        ("gateway", "NATS", "", "nats://host:4222"),
    ] {
        let mut environment = environment(&manifests, service);
        environment.insert(format!("TRADEWIND__{name}"), value.to_owned());
        let (right, said) = check(service, &environment);
        assert!(!right && said.contains(told), "{service}: {said}");
    }
    for (service, peer) in [("order", "payment"), ("messaging", "catalog"), ("payment", "identity")] {
        let mut environment = environment(&manifests, service);
        environment.remove(&format!("TRADEWIND__PEERS__{}", peer.to_uppercase()));
        let (right, said) = check(service, &environment);
        assert!(!right && said.contains(&format!("peers.{peer} is missing")), "{service}: {said}");
    }
}

#[test]
fn everything_is_in_the_namespace_that_is_made_for_it() {
    for manifests in overlays() {
        let [namespace] = manifests.namespaces.as_slice() else {
            panic!("one namespace")
        };
        let accounts = manifests.accounts.iter().map(|account| &account.metadata.namespace);
        let deployments = manifests.deployments.values().map(|deployment| &deployment.metadata.namespace);
        assert!(accounts.chain(deployments).all(|own| *own == namespace.metadata.name));
    }
}

#[test]
fn ports_are_those_that_the_services_listen_on() {
    for manifests in overlays() {
        let listen: std::net::SocketAddr = manifests.settings["TRADEWIND__LISTEN"].parse().unwrap();
        let port = i32::from(listen.port());
        for service in SERVICES {
            let container = manifests.container(service);
            let [main] = container.ports.as_deref().unwrap() else {
                panic!("one port")
            };
            assert_eq!((main.name.as_deref(), main.container_port), (Some("main"), port), "{service}");
            let probes = [
                (&container.startup_probe, health::ALIVE),
                (&container.readiness_probe, health::READY),
                (&container.liveness_probe, health::ALIVE),
            ];
            for (probe, name) in probes {
                let probe = probe.as_ref().unwrap();
                let asked = probe.grpc.as_ref().map(|grpc| grpc.service.as_deref());
                assert!(
                    asked.is_none_or(|asked| asked == Some(name)),
                    "{service} is asked whether it is {name}"
                );
                let grpc = probe.grpc.as_ref().map(|grpc| grpc.port);
                let http = probe.http_get.as_ref().map(|http| http.port.clone());
                assert!(
                    grpc == Some(port) || http == Some(IntOrString::String("main".to_owned())),
                    "{service}"
                );
                assert_eq!(
                    grpc.is_some(),
                    service != "gateway",
                    "{service} speaks gRPC unless it is the gateway"
                );
            }
            let offered = manifests.services[service].spec.as_ref().unwrap().ports.as_ref().unwrap();
            assert_eq!(offered[0].target_port, Some(IntOrString::String("main".to_owned())), "{service}");
            if service != "gateway" {
                let url = format!("http://{service}-service:{}", offered[0].port);
                assert_eq!(manifests.settings[&format!("TRADEWIND__PEERS__{}", service.to_uppercase())], url);
            }
        }
    }
}

#[test]
fn pods_run_with_as_little_as_they_need_and_go_in_order() {
    for manifests in overlays() {
        assert!(
            manifests
                .accounts
                .iter()
                .all(|account| account.automount_service_account_token == Some(false))
        );
        for service in SERVICES {
            let deployment = manifests.deployments[service].spec.as_ref().unwrap();
            let pod = deployment.template.spec.as_ref().unwrap();
            let container = manifests.container(service);
            assert_eq!(deployment.replicas, None, "{service}: the autoscaler decides");
            let rolling = deployment.strategy.as_ref().unwrap().rolling_update.as_ref().unwrap();
            assert_eq!(rolling.max_unavailable, Some(IntOrString::Int(0)));
            assert_eq!(pod.automount_service_account_token, Some(false));
            assert_eq!(pod.service_account_name, Some(format!("{service}-service")));
            let person = pod.security_context.as_ref().unwrap();
            assert_eq!(person.run_as_non_root, Some(true));
            assert_eq!(person.seccomp_profile.as_ref().unwrap().type_, "RuntimeDefault");
            let rights = container.security_context.as_ref().unwrap();
            assert_eq!(
                (rights.allow_privilege_escalation, rights.read_only_root_filesystem),
                (Some(false), Some(true))
            );
            assert_eq!(rights.capabilities.as_ref().unwrap().drop, Some(vec!["ALL".to_owned()]));
            let resources = container.resources.as_ref().unwrap();
            assert!(resources.requests.is_some() && resources.limits.is_some());
            if service == "catalog" {
                let limit = mebibytes(&resources.limits.as_ref().unwrap()["memory"]);
                assert!(
                    limit >= (catalog::REMEMBERED_BYTES >> 20) + 256,
                    "the process itself wants room beside {limit}"
                );
            }
            let going = container
                .lifecycle
                .as_ref()
                .unwrap()
                .pre_stop
                .as_ref()
                .unwrap()
                .sleep
                .as_ref()
                .unwrap()
                .seconds;
            assert!(
                pod.termination_grace_period_seconds.unwrap() > going + 10,
                "ten seconds are for requests under way"
            );
            assert_eq!(
                container.image.as_ref().unwrap().split(':').next(),
                Some(format!("tradewind/{service}").as_str())
            );

            let scaler = manifests.scalers[service].spec.as_ref().unwrap();
            assert_eq!(scaler.scale_target_ref.name, format!("{service}-service"));
            assert!(scaler.min_replicas.unwrap() <= scaler.max_replicas);
            let budget = manifests.budgets[service].spec.as_ref().unwrap();
            assert_eq!(budget.max_unavailable, Some(IntOrString::Int(1)));
            assert_eq!(budget.selector, Some(deployment.selector.clone()));
        }
    }
}

fn mebibytes(quantity: &Quantity) -> u64 {
    quantity.0.strip_suffix("Mi").unwrap().parse().unwrap()
}

#[test]
fn secrets_come_by_reference_only() {
    for manifests in overlays() {
        let secret = |name: &str| ["SECRET", "DATABASE", "SERVICE_KEY"].iter().any(|word| name.ends_with(word));
        assert_eq!(manifests.settings.keys().find(|name| secret(name)), None);
        for service in SERVICES {
            for variable in manifests.container(service).env.iter().flatten() {
                let reference = variable.value_from.as_ref().and_then(|from| from.secret_key_ref.as_ref());
                assert_eq!(reference.is_some(), variable.value.is_none(), "{service}: {}", variable.name);
                assert!(reference.is_some() || !secret(&variable.name), "{service}: {}", variable.name);
                assert!(reference.is_none_or(|reference| reference.name == format!("tradewind-{service}")));
            }
        }
    }
}

#[test]
fn nobody_makes_money_out_of_nothing_in_production() {
    for (overlay, sandbox) in [("dev", true), ("prod", false)] {
        let manifests = render(overlay);
        for service in ["payment", "logistics"] {
            let environment = environment(&manifests, service);
            let told = environment.keys().filter(|name| name.contains("SANDBOX")).count();
            let name = format!("TRADEWIND__{}__SANDBOX", service.to_uppercase());
            assert_eq!(environment.get(&name).map(String::as_str), sandbox.then_some("true"), "{overlay}");
            assert_eq!(told > 0, sandbox, "{overlay}: {service}");
        }
    }
}
