//! Who may connect to whom, against the call graph of the protos.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::networking::v1::NetworkPolicyPeer;
use runtime::auth::{Access, Rules};

use crate::{SERVICES, environment, overlays};

/// Who calls whom, as the protos say: internal RPCs name their callers, the gateway calls everyone, and everyone but identity itself asks
/// it for its keys. Messaging asks catalog whose a product is, which everybody may.
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
            assert_eq!(foreign, [true, service != "gateway"], "{service}");
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
