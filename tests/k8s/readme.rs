//! What the README says to do before the first start, done: it makes what the manifests ask for.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::Command,
};

use crate::{SERVICES, check, manifests::render};

/// Instead of kubectl: writes its arguments down, each call into a file of its own.
const KUBECTL: &str = "#!/bin/bash\nprintf '%s\\n' \"$@\" >\"$(mktemp -p calls)\"\n";

/// The commands of the section.
fn script() -> String {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../k8s/README.md")).unwrap();
    let section = readme.split("## Before the first start").nth(1).unwrap();
    let script = section.split("```sh\n").nth(1).unwrap();
    script.split("```").next().unwrap().to_owned()
}

/// What was made, by its name: the keys and values of secrets, and of the one ConfigMap.
fn made() -> BTreeMap<String, BTreeMap<String, String>> {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("calls")).unwrap();
    let kubectl = folder.path().join("kubectl");
    fs::write(&kubectl, KUBECTL).unwrap();
    fs::set_permissions(&kubectl, fs::Permissions::from_mode(0o755)).unwrap();
    let script = format!("PATH=\"$PWD:$PATH\"\n{}", script());
    let mut bash = Command::new("bash");
    let ran = bash.args(["-euo", "pipefail", "-c", &script]).current_dir(folder.path());
    let ran = ran.output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let calls = fs::read_dir(folder.path().join("calls")).unwrap();
    let calls = calls.map(|call| fs::read_to_string(call.unwrap().path()).unwrap());
    let namespaced = calls.filter(|call| call.starts_with("--namespace\ntradewind\ncreate\n"));
    let made = namespaced.map(|call| {
        let name = call.lines().find(|argument| argument.starts_with("tradewind-")).unwrap();
        let literals = call
            .lines()
            .filter_map(|argument| argument.strip_prefix("--from-literal=")?.split_once('='));
        let literals = literals.map(|(key, value)| (key.to_owned(), value.to_owned()));
        (name.to_owned(), literals.collect())
    });
    made.collect()
}

#[test]
#[ignore = "needs openssl; `make k8s` runs it"]
fn what_is_made_before_the_first_start_is_what_the_manifests_ask_for() {
    let made = made();
    let manifests = render("prod");
    for service in SERVICES {
        let secrets = &made[&format!("tradewind-{service}")];
        let mut environment = manifests.settings.clone();
        environment.extend(made["tradewind-keys"].clone());
        let mut asked = BTreeSet::new();
        for variable in manifests.container(service).env.iter().flatten() {
            let secret = variable.value_from.as_ref().and_then(|from| from.secret_key_ref.as_ref());
            let value = match secret {
                Some(secret) => {
                    asked.insert(secret.key.clone());
                    secrets[&secret.key].clone()
                }
                None => variable.value.clone().unwrap(),
            };
            environment.insert(variable.name.clone(), value);
        }
        assert_eq!(secrets.keys().cloned().collect::<BTreeSet<_>>(), asked, "{service}");
        let (right, said) = check(service, &environment);
        assert!(right, "{service}: {said}");
    }
    assert_eq!(made.len(), SERVICES.len() + 1);
}
