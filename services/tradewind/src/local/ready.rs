//! Whether everything is up, as the gateway sees it.

use std::time::Duration;

/// Asks the gateway, which asks everyone else.
pub(crate) async fn is_ready(client: &reqwest::Client, gateway_port: u16) -> bool {
    let answer = client
        .get(format!("http://127.0.0.1:{gateway_port}/readyz?all"))
        .timeout(Duration::from_secs(2))
        .send()
        .await;
    answer.is_ok_and(|answer| answer.status().is_success())
}
