//! The manifests for Kubernetes against what they must fit: the services' real settings, their ports, and the call graph of the protos. kubectl renders them, which is not
//! everywhere, so `make k8s` runs these tests and `make test` does not.

#![allow(clippy::unwrap_used)]

mod manifests;

use std::{
    collections::{BTreeMap, BTreeSet},
    process::Command,
};

use harness::Authority;
use k8s_openapi::{api::networking::v1::NetworkPolicyPeer, apimachinery::pkg::util::intstr::IntOrString};
use runtime::auth::{Access, Rules};

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
#[ignore = "needs kubectl; `make k8s` runs it"]
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

#[test]
#[ignore = "needs kubectl; `make k8s` runs it"]
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
            for probe in [&container.startup_probe, &container.readiness_probe, &container.liveness_probe] {
                let probe = probe.as_ref().unwrap();
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

/// Who calls whom, as the protos say: internal RPCs name their callers, the gateway calls everyone, and everyone but identity itself asks it for its keys.
/// Messaging asks catalog whose a product is, which everybody may.
fn callers() -> BTreeMap<String, BTreeSet<String>> {
    let rules = Rules::ours();
    let mut callers = BTreeMap::<String, BTreeSet<String>>::new();
    for rpc in proto::pool().services().flat_map(|service| service.methods().collect::<Vec<_>>()) {
        let domain = rpc.parent_service().package_name().split('.').nth(1).unwrap().to_owned();
        let known = callers.entry(domain).or_default();
        match rules.get(&format!("/{}/{}", rpc.parent_service().full_name(), rpc.name())).unwrap() {
            Access::Internal(services) => known.extend(services.iter().cloned()),
            Access::Public | Access::SignedIn { .. } | Access::ProviderSignature => drop(known.insert("gateway".to_owned())),
        }
    }
    callers.remove("operations");
    let everyone = SERVICES.into_iter().filter(|service| *service != "identity").map(str::to_owned);
    callers.entry("identity".to_owned()).or_default().extend(everyone);
    callers.entry("catalog".to_owned()).or_default().insert("messaging".to_owned());
    callers
}

fn named<'p>(peers: impl Iterator<Item = &'p NetworkPolicyPeer>) -> BTreeSet<String> {
    let labels = peers
        .filter(|peer| peer.namespace_selector.is_none())
        .filter_map(|peer| peer.pod_selector.as_ref()?.match_labels.as_ref());
    labels.filter_map(|labels| labels.get("app.kubernetes.io/name").cloned()).collect()
}

#[test]
#[ignore = "needs kubectl; `make k8s` runs it"]
fn only_those_may_connect_whom_the_protos_name() {
    let callers = callers();
    for manifests in overlays() {
        assert_eq!(manifests.policies["deny"].spec.as_ref().unwrap().ingress, None);
        let everyone = manifests.policies["everyone"].spec.as_ref().unwrap();
        for service in SERVICES {
            let pod = manifests.deployments[service]
                .spec
                .as_ref()
                .unwrap()
                .template
                .metadata
                .as_ref()
                .unwrap();
            for label in everyone
                .pod_selector
                .iter()
                .flat_map(|selector| selector.match_labels.iter().flatten())
            {
                let has = pod.labels.as_ref().and_then(|labels| labels.get_key_value(label.0));
                assert_eq!(has, Some(label), "{service} is everyone");
            }
            let policy = manifests.policies[service].spec.as_ref().unwrap();
            let ingress = named(policy.ingress.iter().flatten().flat_map(|rule| rule.from.iter().flatten()));
            assert_eq!(ingress, callers.get(service).cloned().unwrap_or_default(), "who calls {service}");
            let mut egress = named(policy.egress.iter().flatten().flat_map(|rule| rule.to.iter().flatten()));
            let foreign = [egress.remove("nats"), egress.remove("postgres")];
            assert_eq!(foreign, [service != "gateway"; 2], "{service}");
            let called = callers
                .iter()
                .filter(|(_, callers)| callers.contains(service))
                .map(|(called, _)| called.clone());
            assert_eq!(egress, called.collect(), "whom {service} calls");
        }
    }
}

#[test]
#[ignore = "needs kubectl; `make k8s` runs it"]
fn clients_behind_the_ingress_are_told_apart() {
    for manifests in overlays() {
        let environment = environment(&manifests, "gateway");
        let proxies = environment.get("TRADEWIND__GATEWAY__TRUSTED_PROXIES");
        assert!(proxies.is_some_and(|proxies| proxies.parse::<usize>().unwrap() > 0), "{proxies:?}");
    }
}

#[test]
#[ignore = "needs kubectl; `make k8s` runs it"]
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

#[test]
#[ignore = "needs kubectl; `make k8s` runs it"]
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
#[ignore = "needs kubectl; `make k8s` runs it"]
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
