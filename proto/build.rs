//! Compiles every `.proto` in this folder without an installed protoc, and refuses an RPC that has no access rule, or a contradictory one.

#![allow(clippy::disallowed_methods, reason = "a build script is told by its environment")]

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use prost_reflect::{DescriptorPool, ExtensionDescriptor, MethodDescriptor, Value};

/// The fields of `tradewind.access.v1.Rule` that say who may call, of which each rule has one.
const KINDS: [&str; 4] = ["public", "signed_in", "provider_signature", "internal"];

fn main() -> Result<()> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(env::var("OUT_DIR")?);
    println!("cargo:rerun-if-changed=tradewind");
    println!("cargo:rerun-if-changed=google");

    let mut files = Vec::new();
    find_protos(&root.join("tradewind"), &mut files)?;
    find_protos(&root.join("google"), &mut files)?;
    files.sort();

    let mut compiler = protox::Compiler::new([&root])?;
    compiler.include_imports(true).include_source_info(true).open_files(&files)?;

    // The encoded bytes keep the extensions (http and access options), which prost's own types would drop.
    let encoded = compiler.encode_file_descriptor_set();
    every_rpc_has_a_rule(&DescriptorPool::decode(encoded.as_slice())?)?;
    fs::write(out.join("descriptors.bin"), &encoded)?;

    tonic_prost_build::configure()
        .include_file("protos.rs")
        .bytes(".google.api.HttpBody")
        .compile_fds(compiler.file_descriptor_set())
        .context("generating Rust from the protos")
}

fn find_protos(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            find_protos(&path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "proto") {
            found.push(path);
        }
    }
    Ok(())
}

fn every_rpc_has_a_rule(pool: &DescriptorPool) -> Result<()> {
    let rule = pool
        .get_extension_by_name("tradewind.access.v1.rule")
        .context("the access extension is missing")?;
    let http = pool
        .get_extension_by_name("google.api.http")
        .context("the http extension is missing")?;
    for method in pool.services().flat_map(|service| service.methods().collect::<Vec<_>>()) {
        let name = method.full_name().to_owned();
        let options = method.options();
        ensure!(options.has_extension(&rule), "{name} has no (tradewind.access.v1.rule)");
        let kinds = kinds_of_access(&method, &rule);
        ensure!(
            kinds.len() == 1,
            "{name}: its rule must set exactly one of {KINDS:?}, and sets {kinds:?}"
        );
        ensure!(
            (kinds == ["internal"]) != options.has_extension(&http),
            "{name}: a public RPC needs (google.api.http), an internal one must not have it"
        );
    }
    Ok(())
}

/// Which of [`KINDS`] a method's rule sets.
fn kinds_of_access(method: &MethodDescriptor, rule: &ExtensionDescriptor) -> Vec<&'static str> {
    match method.options().get_extension(rule).as_ref() {
        Value::Message(rule) => KINDS.into_iter().filter(|kind| rule.has_field_by_name(kind)).collect(),
        _ => Vec::new(),
    }
}
