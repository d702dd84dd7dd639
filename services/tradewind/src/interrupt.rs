//! Ctrl-C and SIGTERM, for commands that have something to end first.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// From here on, whoever interrupts us is heard by [`wait`](Self::wait), and ends nothing by itself.
pub(crate) struct Interrupt {
    terminate: Signal,
    interrupt: Signal,
}

impl Interrupt {
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Waits until somebody interrupts us.
    pub(crate) async fn wait(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
