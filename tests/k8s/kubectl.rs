//! Our rendering against kubectl's own.

use std::{collections::BTreeMap, process::Command};

use serde_yaml_ng::{Mapping, Value};

use crate::{kustomize, manifests::folder};

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
