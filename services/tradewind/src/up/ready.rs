//! What the gateway says of itself and of everyone behind it.

use std::time::Duration;

/// Whether it serves, and everyone behind it.
pub(crate) async fn is_ready(client: &reqwest::Client, gateway_port: u16) -> bool {
    says_yes(client, gateway_port, "/readyz?all").await
}

/// Whether it answers.
pub(crate) async fn is_alive(client: &reqwest::Client, gateway_port: u16) -> bool {
    says_yes(client, gateway_port, "/healthz").await
}

async fn says_yes(client: &reqwest::Client, port: u16, path: &str) -> bool {
    let request = client.get(format!("http://127.0.0.1:{port}{path}")).timeout(Duration::from_secs(2));
    request.send().await.is_ok_and(|answer| answer.status().is_success())
}
