//! The manifests as a cluster would get them, read strictly: a field that Kubernetes does not know is an error.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use k8s_openapi::api::{
    apps::v1::Deployment,
    autoscaling::v2::HorizontalPodAutoscaler,
    core::v1::{ConfigMap, Container, Namespace, Service, ServiceAccount},
    networking::v1::NetworkPolicy,
    policy::v1::PodDisruptionBudget,
};
use serde::de::DeserializeOwned;
use serde_yaml_ng::Value;

use crate::kustomize;

/// What an overlay renders to, by the names of the services.
#[derive(Default)]
pub(crate) struct Manifests {
    pub(crate) deployments: BTreeMap<String, Deployment>,
    pub(crate) services: BTreeMap<String, Service>,
    pub(crate) budgets: BTreeMap<String, PodDisruptionBudget>,
    pub(crate) scalers: BTreeMap<String, HorizontalPodAutoscaler>,
    pub(crate) policies: BTreeMap<String, NetworkPolicy>,
    pub(crate) accounts: Vec<ServiceAccount>,
    pub(crate) namespaces: Vec<Namespace>,
    /// Of all ConfigMaps together.
    pub(crate) settings: BTreeMap<String, String>,
}

/// Renders an overlay.
pub(crate) fn render(overlay: &str) -> Manifests {
    let mut manifests = Manifests::default();
    for object in kustomize::render(&folder(overlay)) {
        manifests.add(object);
    }
    manifests
}

/// Where an overlay is.
pub(crate) fn folder(overlay: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../k8s/overlays").join(overlay)
}

impl Manifests {
    fn add(&mut self, value: Value) {
        let name = value["metadata"]["name"].as_str().unwrap().to_owned();
        let service = name.strip_suffix("-service").unwrap_or(&name).to_owned();
        match value["kind"].as_str().unwrap() {
            "Deployment" => drop(self.deployments.insert(service, strictly(value))),
            "Service" => drop(self.services.insert(service, strictly(value))),
            "PodDisruptionBudget" => drop(self.budgets.insert(service, strictly(value))),
            "HorizontalPodAutoscaler" => drop(self.scalers.insert(service, strictly(value))),
            "NetworkPolicy" => drop(self.policies.insert(service, strictly(value))),
            "Namespace" => self.namespaces.push(strictly(value)),
            "ServiceAccount" => self.accounts.push(strictly(value)),
            "ConfigMap" => self.settings.extend(strictly::<ConfigMap>(value).data.unwrap()),
            other => panic!("nobody looks at a {other}"),
        }
    }

    /// The one container of a service.
    pub(crate) fn container(&self, service: &str) -> &Container {
        let pod = self.deployments[service].spec.as_ref().unwrap().template.spec.as_ref().unwrap();
        match pod.containers.as_slice() {
            [one] => one,
            several => panic!("{service} has {} containers", several.len()),
        }
    }
}

fn strictly<T: DeserializeOwned>(value: Value) -> T {
    let name = format!("{:?} {:?}", value["kind"], value["metadata"]["name"]);
    let mut unknown = Vec::new();
    let read = serde_ignored::deserialize(value, |path| unknown.push(path.to_string()));
    // The kind and its version are read by the type itself.
    unknown.retain(|path| path != "apiVersion" && path != "kind");
    assert_eq!(unknown, Vec::<String>::new(), "{name}");
    read.unwrap_or_else(|error| panic!("{name}: {error}"))
}
