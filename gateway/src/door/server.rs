//! Listening: HTTP/1.1 and HTTP/2 on one port, and an orderly end.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use tokio::net::{TcpListener, TcpStream};
use tokio_util::task::{TaskTracker, task_tracker::TaskTrackerToken};

use super::{
    connection::{Http, converse, http},
    workers::Worker,
};
use crate::{
    Shared,
    guard::{Connections, Slot},
};

/// How often the buckets of clients that went away are thrown out.
const FORGET: Duration = Duration::from_secs(60);

/// A thread's share of the work; without a thread of its own it is done where the gateway is served.
pub(crate) struct Shard {
    pub(crate) worker: Option<Worker>,
    pub(crate) shared: Arc<Shared>,
}

/// Serves until the process is told to end, then finishes what is under way.
pub(crate) async fn serve(shards: Vec<Shard>, listener: TcpListener) {
    let Some(Shard { shared, .. }) = shards.first() else { return };
    let (http, connections, open) = (http(shared), Connections::new(&shared.config), TaskTracker::new());
    let mut forget = tokio::time::interval(FORGET);
    let mut turns = (0..shards.len()).cycle();
    loop {
        tokio::select! {
            () = shared.ending.cancelled() => break,
            _ = forget.tick() => shared.rates.forget(),
            accepted = listener.accept() => match accepted {
                Ok((stream, address)) => {
                    let Some(slot) = connections.take(address.ip()) else {
                        tracing::debug!(%address, "a connection was closed: there are too many");
                        continue;
                    };
                    let shard = &shards[turns.next().unwrap_or_default()];
                    if let Err(error) = shard.take(stream, address, http.clone(), slot, open.token()) {
                        tracing::debug!(%error, "a connection was gone before it was served");
                    }
                }
                // Out of file descriptors, mostly: some will be free in a moment.
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            },
        }
    }
    drop(listener);
    let drain = Duration::from_millis(shared.config.drain_ms);
    open.close();
    if tokio::time::timeout(drain, open.wait()).await.is_err() {
        tracing::warn!("some requests did not end in time");
    }
    // Threads are waited for, which must not hold up a runtime.
    let _ = tokio::task::spawn_blocking(move || drop(shards)).await;
}

impl Shard {
    fn take(&self, stream: TcpStream, address: SocketAddr, http: Http, slot: Slot, open: TaskTrackerToken) -> io::Result<()> {
        // Nagle's algorithm would hold small answers back.
        stream.set_nodelay(true)?;
        let shared = Arc::clone(&self.shared);
        match &self.worker {
            None => drop(tokio::spawn(async move {
                converse(stream, address, http, slot, shared).await;
                drop(open);
            })),
            Some(worker) => {
                let stream = stream.into_std()?;
                worker.spawn(async move {
                    match TcpStream::from_std(stream) {
                        Ok(stream) => converse(stream, address, http, slot, shared).await,
                        Err(error) => tracing::warn!(%error, "a connection could not be handed over"),
                    }
                    drop(open);
                });
            }
        }
        Ok(())
    }
}
