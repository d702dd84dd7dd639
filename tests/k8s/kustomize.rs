//! What our kustomizations render to, without kubectl: as much of kustomize as they use, and a panic
//! for anything else. `make k8s` compares it with what kubectl renders.

use std::{collections::BTreeMap, fs, path::Path};

use serde::Deserialize;
use serde_yaml_ng::{Mapping, Value};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Kustomization {
    #[serde(rename = "apiVersion")]
    _api_version: String,
    #[serde(rename = "kind")]
    _kind: String,
    #[serde(default)]
    resources: Vec<String>,
    #[serde(default)]
    config_map_generator: Vec<Generator>,
    #[serde(default)]
    patches: Vec<Patch>,
    namespace: Option<String>,
    name_prefix: Option<String>,
    #[serde(default)]
    labels: Vec<Labels>,
    #[serde(default)]
    images: Vec<Image>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Generator {
    name: String,
    behavior: Option<String>,
    envs: Vec<String>,
}

/// A file with a part of one object, or operations on all objects of a kind whose name matches.
#[derive(Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum Patch {
    Merged { path: String },
    Operated { target: Target, patch: String },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Target {
    kind: String,
    name: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Operation {
    op: String,
    path: String,
    value: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Labels {
    pairs: BTreeMap<String, String>,
    include_templates: bool,
    #[serde(default)]
    fields: Vec<Field>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Field {
    kind: String,
    path: String,
    create: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Image {
    name: String,
    new_name: Option<String>,
    new_tag: Option<String>,
}

/// The objects of a folder.
pub(crate) fn render(folder: &Path) -> Vec<Value> {
    let read =
        |name: &str| fs::read_to_string(folder.join(name)).unwrap_or_else(|error| panic!("{}: {error}", folder.join(name).display()));
    let text = read("kustomization.yaml");
    let all: Kustomization = serde_yaml_ng::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut objects = Vec::new();
    for resource in &all.resources {
        if folder.join(resource).is_dir() {
            objects.extend(render(&folder.join(resource)));
        } else {
            objects.extend(documents(&read(resource)));
        }
    }
    for generator in &all.config_map_generator {
        let settings = generator.envs.iter().flat_map(|name| variables(&read(name))).collect();
        generate(&mut objects, generator, settings);
    }
    for patch in &all.patches {
        match patch {
            Patch::Merged { path } => documents(&read(path)).iter().for_each(|patch| merge_into(&mut objects, patch)),
            Patch::Operated { target, patch } => operate(&mut objects, target, patch),
        }
    }
    if let Some(namespace) = &all.namespace {
        for object in objects.iter_mut().filter(|object| object["kind"] != "Namespace") {
            object["metadata"]["namespace"] = namespace.clone().into();
        }
    }
    if let Some(prefix) = &all.name_prefix {
        rename(&mut objects, prefix);
    }
    for labels in &all.labels {
        objects.iter_mut().for_each(|object| label(object, labels));
    }
    for image in &all.images {
        objects.iter_mut().for_each(|object| name_image(object, image));
    }
    objects
}

pub(crate) fn documents(text: &str) -> Vec<Value> {
    let documents = serde_yaml_ng::Deserializer::from_str(text);
    documents.map(|document| Value::deserialize(document).unwrap()).collect()
}

fn variables(text: &str) -> Mapping {
    let lines = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| line.split_once('=').unwrap())
        .map(|(name, value)| (name.into(), value.into()))
        .collect()
}

fn generate(objects: &mut Vec<Value>, generator: &Generator, settings: Mapping) {
    let known = objects
        .iter_mut()
        .find(|object| object["kind"] == "ConfigMap" && object["metadata"]["name"] == *generator.name);
    match (known, generator.behavior.as_deref()) {
        (Some(known), Some("merge")) => known["data"].as_mapping_mut().unwrap().extend(settings),
        (None, None) => {
            let mut object = documents(&format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {}", generator.name)).remove(0);
            object["data"] = Value::Mapping(settings);
            objects.push(object);
        }
        (known, behavior) => panic!(
            "ConfigMap {} is there: {}, and shall be {behavior:?}",
            generator.name,
            known.is_some()
        ),
    }
}

fn merge_into(objects: &mut [Value], patch: &Value) {
    let same = |object: &&mut Value| object["kind"] == patch["kind"] && object["metadata"]["name"] == patch["metadata"]["name"];
    let object = objects.iter_mut().find(same).expect("the patch is about one of the resources");
    merge(object, patch, "");
}

/// A strategic merge: objects field by field, lists of what has a key by that key, and other lists as a whole.
fn merge(object: &mut Value, patch: &Value, field: &str) {
    match (object, patch) {
        (Value::Mapping(object), Value::Mapping(patch)) => {
            for (name, value) in patch {
                if value.is_null() {
                    object.remove(name);
                } else if let Some(known) = object.get_mut(name) {
                    merge(known, value, name.as_str().unwrap());
                } else {
                    object.insert(name.clone(), value.clone());
                }
            }
        }
        (Value::Sequence(list), Value::Sequence(patch)) if key_of(field).is_some() => {
            let key = key_of(field).unwrap();
            for item in patch {
                match list.iter_mut().find(|known| known[key] == item[key]) {
                    Some(known) => merge(known, item, ""),
                    None => list.push(item.clone()),
                }
            }
        }
        (object, patch) => *object = patch.clone(),
    }
}

/// By what the items of a list are known. Only services' ports are patched, not containers'.
fn key_of(field: &str) -> Option<&'static str> {
    match field {
        "containers" | "env" | "volumes" => Some("name"),
        "ports" => Some("port"),
        _ => None,
    }
}

fn operate(objects: &mut [Value], target: &Target, patch: &str) {
    let operations: Vec<Operation> = serde_yaml_ng::from_str(patch).unwrap();
    for object in objects.iter_mut().filter(|object| object["kind"] == *target.kind) {
        let name = object["metadata"]["name"].as_str().unwrap();
        if !target.name.as_deref().is_none_or(|pattern| matches(pattern, name)) {
            continue;
        }
        for operation in &operations {
            assert_eq!(operation.op, "replace", "no other operation is used");
            let place = operation
                .path
                .split('/')
                .skip(1)
                .fold(&mut *object, |value, part| value.get_mut(part).unwrap());
            *place = operation.value.clone();
        }
    }
}

/// A name, or several before the same end: `(gateway|order)-service`.
fn matches(pattern: &str, name: &str) -> bool {
    let Some((several, end)) = pattern.strip_prefix('(').and_then(|pattern| pattern.split_once(')')) else {
        return pattern == name;
    };
    name.strip_suffix(end).is_some_and(|name| several.split('|').any(|one| one == name))
}

/// Objects are renamed, and what refers to them by name.
fn rename(objects: &mut [Value], prefix: &str) {
    for object in objects {
        put_before(&mut object["metadata"]["name"], prefix);
        match object["kind"].as_str().unwrap() {
            "Deployment" => put_before(&mut object["spec"]["template"]["spec"]["serviceAccountName"], prefix),
            "HorizontalPodAutoscaler" => put_before(&mut object["spec"]["scaleTargetRef"]["name"], prefix),
            _ => {}
        }
    }
}

fn put_before(name: &mut Value, prefix: &str) {
    *name = format!("{prefix}{}", name.as_str().unwrap()).into();
}

fn label(object: &mut Value, labels: &Labels) {
    put_labels(object, "metadata/labels", labels, true);
    if labels.include_templates && object["kind"] == "Deployment" {
        put_labels(object, "spec/template/metadata/labels", labels, true);
    }
    let kind = object["kind"].as_str().unwrap().to_owned();
    for field in labels.fields.iter().filter(|field| field.kind == kind) {
        put_labels(object, &field.path, labels, field.create);
    }
}

fn put_labels(object: &mut Value, path: &str, labels: &Labels, create: bool) {
    let mut place = object;
    for part in path.split('/') {
        let mapping = place.as_mapping_mut().unwrap();
        if !mapping.contains_key(part) && !create {
            return;
        }
        place = mapping.entry(part.into()).or_insert_with(|| Value::Mapping(Mapping::new()));
    }
    let pairs = labels
        .pairs
        .iter()
        .map(|(name, value)| (name.as_str().into(), value.as_str().into()));
    place.as_mapping_mut().unwrap().extend(pairs);
}

fn name_image(object: &mut Value, image: &Image) {
    if object["kind"] != "Deployment" {
        return;
    }
    let containers = object["spec"]["template"]["spec"]["containers"].as_sequence_mut().unwrap();
    for container in containers {
        let known = container["image"].as_str().unwrap().to_owned();
        let (name, tag) = known.split_once(':').unwrap_or((&known, ""));
        if name == image.name {
            let name = image.new_name.as_deref().unwrap_or(name);
            let tag = image.new_tag.as_deref().unwrap_or(tag);
            let whole = if tag.is_empty() { name.to_owned() } else { format!("{name}:{tag}") };
            container["image"] = whole.into();
        }
    }
}
