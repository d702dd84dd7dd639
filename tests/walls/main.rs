//! The walls that ARCHITECTURE.md names, held against the sources, so that nobody has to watch them.

#![allow(clippy::unwrap_used)]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use tests::SERVICES;

/// What a domain must not name: databases, networks, other services' messages, the clock and the environment.
const IMPURE: [&str; 13] = [
    "sea_orm",
    "tonic::",
    "tokio::",
    "async_nats",
    "proto::",
    "events::",
    "store::",
    "runtime::",
    "std::env",
    "std::fs",
    "std::net",
    "SystemTime",
    "Instant",
];

/// The workspace's folder.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

/// Every Rust file in a folder of the workspace: its path there, and its text.
fn sources(folder: &str) -> Vec<(String, String)> {
    let root = root();
    let (mut folders, mut found) = (vec![root.join(folder)], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(&root).unwrap().display().to_string();
                found.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    assert!(!found.is_empty(), "{folder} has no sources");
    found
}

#[test]
fn a_domain_is_pure() {
    for service in SERVICES {
        for (file, text) in sources(&format!("services/{service}/src/domain")) {
            // A module of tests stands at the end of its file, and may read files of examples.
            let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
            for line in code.lines().filter(|line| !line.trim_start().starts_with("//")) {
                let impure = IMPURE.iter().find(|name| line.contains(**name));
                assert_eq!(impure, None, "{file}: {line}");
            }
        }
    }
}

#[test]
fn only_the_relay_publishes() {
    for (file, text) in sources("services").into_iter().chain(sources("gateway/src")) {
        assert!(
            file.contains("/tests/") || !text.contains("async_nats"),
            "{file} speaks to the broker itself"
        );
    }
    for (file, text) in sources("shared/events/src") {
        assert_eq!(
            text.contains(".publish_with_headers("),
            file.ends_with("/relay.rs"),
            "{file} publishes, or the relay does not"
        );
    }
}

/// Whether a word is the subject of a service's event, such as `order.v1.paid`.
fn is_subject(word: &str) -> bool {
    let parts: Vec<&str> = word.split('.').collect();
    let is_name = |part: &str| part.chars().all(|letter| letter.is_ascii_lowercase() || letter == '_') && !part.ends_with('_');
    matches!(parts[..], [domain, "v1", name] if SERVICES.contains(&domain) && is_name(name))
}

/// The subjects that the protos describe, in the comments of their messages.
fn described() -> BTreeSet<String> {
    let mut subjects = BTreeSet::new();
    for service in SERVICES {
        for proto in fs::read_dir(root().join(format!("proto/tradewind/{service}/v1"))).unwrap() {
            let text = fs::read_to_string(proto.unwrap().path()).unwrap();
            let comments = text.lines().filter_map(|line| line.strip_prefix("// "));
            let words = comments.flat_map(|line| line.split([' ', ',', ':']));
            subjects.extend(words.filter(|word| is_subject(word)).map(str::to_owned));
        }
    }
    subjects
}

#[test]
fn every_event_is_described_told_and_heard_under_one_subject() {
    let (described, mut told) = (described(), BTreeSet::new());
    for service in SERVICES {
        for (file, text) in sources(&format!("services/{service}/src")) {
            let quoted = text.split('"').skip(1).step_by(2);
            for subject in quoted.filter(|word| is_subject(word)) {
                assert!(described.contains(subject), "{file}: no proto describes {subject}");
                if subject.starts_with(service) {
                    told.insert(subject.to_owned());
                }
            }
        }
    }
    for (file, text) in sources("gateway/src") {
        for subject in text.split('"').skip(1).step_by(2).filter(|word| is_subject(word)) {
            assert!(told.contains(subject), "{file}: nobody tells {subject}");
        }
    }
    let untold: Vec<_> = described.difference(&told).collect();
    assert!(untold.is_empty(), "the protos describe {untold:?}, which no service tells");
}

#[test]
fn every_write_is_caused_under_the_name_of_its_rpc() {
    let mut names: BTreeSet<String> = SERVICES.iter().flat_map(|service| rpcs(service)).collect();
    // One request takes in many rows, and each is a write of its own.
    names.insert("ImportRow".to_owned());
    for service in SERVICES {
        for (file, text) in sources(&format!("services/{service}/src/api")) {
            for call in text.split("Cause::request(").skip(1) {
                let arguments = call.split(';').next().unwrap();
                if let Some(name) = arguments.split('"').nth(1) {
                    assert!(names.contains(name), "{file}: {name} is no RPC");
                }
            }
        }
    }
}

/// The names of a service's RPCs.
fn rpcs(service: &str) -> Vec<String> {
    let protos = fs::read_dir(root().join(format!("proto/tradewind/{service}/v1"))).unwrap();
    let texts = protos.map(|proto| fs::read_to_string(proto.unwrap().path()).unwrap());
    let names = |text: String| {
        let rpcs = text.split("\n  rpc ").skip(1).filter_map(|rpc| rpc.split('(').next());
        rpcs.map(str::to_owned).collect::<Vec<_>>()
    };
    texts.flat_map(names).collect()
}

#[test]
fn every_kind_of_notification_is_described() {
    let text = |file: &str| fs::read_to_string(root().join(file)).unwrap();
    let (kinds, described) = (
        text("services/messaging/src/domain/kind.rs"),
        text("proto/tradewind/messaging/v1/messaging.proto"),
    );
    let names: Vec<&str> = kinds.split(" = \"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(names.len() > 20, "{names:?}");
    for name in names {
        assert!(
            described.contains(&format!("\"{name}\"")),
            "messaging.proto does not describe the kind {name}"
        );
    }
}

#[test]
fn no_crate_but_the_command_knows_a_service() {
    let mut manifests: Vec<String> = ["proto", "gateway", "tests/harness"].map(str::to_owned).into();
    manifests.extend(["kernel", "store", "events", "runtime"].map(|shared| format!("shared/{shared}")));
    manifests.extend(SERVICES.map(|service| format!("services/{service}")));
    for folder in manifests {
        let manifest = fs::read_to_string(root().join(&folder).join("Cargo.toml")).unwrap();
        for service in SERVICES {
            let known = manifest.lines().any(|line| line.split(['.', ' ', '=']).next() == Some(service));
            assert!(!known, "{folder} depends on {service}");
        }
    }
}

#[test]
fn every_file_begins_with_what_it_is() {
    for folder in ["proto/src", "shared", "gateway", "services", "tests"] {
        for (file, text) in sources(folder) {
            assert!(text.starts_with("//! "), "{file} has no module comment");
        }
    }
}
