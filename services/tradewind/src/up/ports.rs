//! The ports that an ecosystem listens on, which nobody else may have.

use std::{
    net::{Ipv4Addr, TcpListener},
    time::Duration,
};

use anyhow::{Result, ensure};

/// How often it is looked whether those whom an earlier ecosystem left behind have ended; three seconds in all.
const LOOKS: u32 = 60;

/// Whether nobody listens on a port.
pub(crate) fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

/// Waits a moment for a port that `whose` is to listen on, and refuses when somebody keeps it.
pub(crate) async fn wait_for(port: u16, whose: &str) -> Result<()> {
    for _ in 0..LOOKS {
        if is_free(port) {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    ensure!(
        is_free(port),
        "port {port}, where {whose} would listen, is taken; end what listens there, or choose other ports: `make run PORT=… BASE_PORT=…`"
    );
    Ok(())
}
