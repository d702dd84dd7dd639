//! Ecosystems that are started where others are.

use tests::{Database, Ecosystem, program};

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_has_one_ecosystem_at_a_time() {
    let ecosystem = Ecosystem::start(Database::Sqlite).await;
    let mut second = tokio::process::Command::new(program());
    second
        .args(["up", "--empty", "--port", "9", "--base-port", "9", "--data"])
        .arg(ecosystem.data());
    let told = second.output().await.unwrap();
    let error = String::from_utf8(told.stderr).unwrap();
    assert!(!told.status.success() && error.contains("an ecosystem runs in"), "{error}");
    ecosystem.is_well().await;
}
