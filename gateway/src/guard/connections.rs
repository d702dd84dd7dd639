//! How many connections clients may have open at once: in all, and from one address.
//!
//! One too many is accepted all the same, told so in a problem, and closed, much as Envoy closes it: in the listener's queue a client would
//! hear nothing until it gave up, while another replica may have room, and whoever asks whether the process is alive would take it for
//! dead. To tell it takes a file and memory too, so only so many are told at once; others are closed without a word.

use std::{net::IpAddr, sync::Arc, time::Duration};

use http::StatusCode;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{
    rate::network,
    shares::{Share, Shares},
};
use crate::{answer::Problem, config::Config};

/// How many that are too many are told so at once.
const TOLD: usize = 64;

/// When those who were too many may come again.
const AGAIN: Duration = Duration::from_secs(1);

/// The connections that there may be.
pub(crate) struct Connections {
    slots: Arc<Semaphore>,
    told: Arc<Semaphore>,
    /// Nothing behind proxies, whose addresses stand for all of their clients; they limit each client themselves.
    addresses: Option<Arc<Shares<IpAddr>>>,
}

/// The place of one connection, which another can have once this is dropped.
pub(crate) struct Slot {
    /// Why nothing is done for this connection but to tell it that it is one too many.
    pub(crate) too_many: Option<TooMany>,
    _permit: OwnedSemaphorePermit,
    _share: Option<Share<IpAddr>>,
}

/// Why a connection is one too many.
#[derive(Clone, Copy)]
pub(crate) enum TooMany {
    InAll,
    FromItsAddress,
}

impl Connections {
    /// As many as the configuration says.
    pub(crate) fn new(config: &Config) -> Self {
        let most = match config.connections {
            0 => Semaphore::MAX_PERMITS,
            most => most.min(Semaphore::MAX_PERMITS),
        };
        Self {
            slots: Arc::new(Semaphore::new(most)),
            told: Arc::new(Semaphore::new(TOLD)),
            addresses: (config.trusted_proxies == 0).then(|| Shares::new(config.connections_per_address)),
        }
    }

    /// A slot for a connection from this address; nothing when it is to be closed without a word.
    pub(crate) fn take(&self, address: IpAddr) -> Option<Slot> {
        let share = self.addresses.as_ref().map(|addresses| addresses.take(network(address)));
        let permit = Arc::clone(&self.slots).try_acquire_owned();
        let (share, permit, too_many) = match (share, permit) {
            (Some(None), _) => (None, None, Some(TooMany::FromItsAddress)),
            (_, Err(_)) => (None, None, Some(TooMany::InAll)),
            (share, Ok(permit)) => (share.flatten(), Some(permit), None),
        };
        let permit = permit.or_else(|| Arc::clone(&self.told).try_acquire_owned().ok())?;
        Some(Slot {
            too_many,
            _permit: permit,
            _share: share,
        })
    }
}

impl TooMany {
    /// What the connection is told.
    pub(crate) fn problem(self) -> Problem {
        let (status, detail) = match self {
            Self::InAll => (StatusCode::SERVICE_UNAVAILABLE, "as many connections are open as there may be"),
            Self::FromItsAddress => (StatusCode::TOO_MANY_REQUESTS, "too many connections are open from this address"),
        };
        let mut problem = Problem::new(status, "TOO_MANY_CONNECTIONS", detail);
        problem.retry_after = Some(AGAIN);
        problem
    }
}
