//! The manifests for Kubernetes against what they must fit: the services' real settings, their ports, and the call graph of the protos. They are rendered
//! without kubectl, which is not everywhere; `make k8s` looks whether kubectl renders the same.

#![allow(clippy::unwrap_used)]

mod kustomize;
mod manifests;
mod readme;

use std::{
    collections::{BTreeMap, BTreeSet},
    process::Command,
};

use harness::Authority;
use k8s_openapi::{
    api::networking::v1::NetworkPolicyPeer,
    apimachinery::pkg::{api::resource::Quantity, util::intstr::IntOrString},
};
use runtime::{
    auth::{Access, Rules},
    health,
};
use serde_yaml_ng::{Mapping, Value};

use crate::manifests::{Manifests, folder, render};

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
fn clients_behind_the_ingress_are_told_apart() {
    for manifests in overlays() {
        let environment = environment(&manifests, "gateway");
        let proxies = environment.get("TRADEWIND__GATEWAY__TRUSTED_PROXIES");
        assert!(proxies.is_some_and(|proxies| proxies.parse::<usize>().unwrap() > 0), "{proxies:?}");
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

/// What a cluster would get from kubectl is what these tests have looked at.
#[test]
#[ignore = "needs kubectl; `make k8s` runs it"]
fn kubectl_renders_the_same() {
    for overlay in ["dev", "prod"] {
        let rendered = Command::new("kubectl").arg("kustomize").arg(folder(overlay)).output();
        let rendered = rendered.expect("kubectl is installed");
        assert!(rendered.status.success(), "{}", String::from_utf8_lossy(&rendered.stderr));
        let theirs = kustomize::documents(std::str::from_utf8(&rendered.stdout).unwrap());
        let ours = kustomize::render(&folder(overlay));
        let sorted = |objects: Vec<Value>| {
            let named = objects.into_iter().map(|object| {
                let object = unsuffixed(object);
                (format!("{:?} {:?}", object["kind"], object["metadata"]["name"]), object)
            });
            named.collect::<BTreeMap<_, _>>()
        };
        let (ours, theirs) = (sorted(ours), sorted(theirs));
        assert_eq!(ours.keys().collect::<Vec<_>>(), theirs.keys().collect::<Vec<_>>());
        for (name, object) in &ours {
            assert_eq!(object, &theirs[name], "{name}");
        }
    }
}

/// Generated ConfigMaps are named by their content, in the end; lists of named things have no order.
fn unsuffixed(value: Value) -> Value {
    match value {
        Value::String(text) => {
            let plain = text
                .strip_prefix("tradewind-")
                .filter(|rest| rest.len() == 10 && rest.bytes().all(|byte| byte.is_ascii_alphanumeric()));
            Value::String(plain.map_or(text.clone(), |_| "tradewind".to_owned()))
        }
        Value::Sequence(list) => {
            let mut list: Vec<Value> = list.into_iter().map(unsuffixed).collect();
            list.sort_by_key(|item| item.get("name").and_then(Value::as_str).unwrap_or_default().to_owned());
            Value::Sequence(list)
        }
        Value::Mapping(mapping) => mapping
            .into_iter()
            .map(|(name, value)| (name, unsuffixed(value)))
            .collect::<Mapping>()
            .into(),
        other => other,
    }
}
