//! The connections to one service.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use futures::future::join_all;
use runtime::Replicas;
use tonic::client::Grpc;
use tonic_health::pb::{HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient};

use crate::answer::Problem;

/// The largest message that is taken from a service.
const LARGEST_MESSAGE: usize = 64 << 20;

/// How long a replica may take to say how it is.
const PATIENCE: Duration = Duration::from_secs(2);

/// What a service says of itself, or a replica of it: the worst comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum State {
    /// Nothing, in time.
    Down,
    /// That something is amiss, such as its database or the broker. It may serve requests all the same.
    Unwell,
    /// That all is well.
    Serving,
}

/// Several HTTP/2 connections to one service, used in turn: one alone would be a bottleneck.
pub(crate) struct Upstream {
    channels: Vec<Replicas>,
    next: AtomicUsize,
}

impl Upstream {
    pub(crate) fn new(channels: Vec<Replicas>) -> Self {
        Self {
            channels,
            next: AtomicUsize::new(0),
        }
    }

    /// A client on the next connection.
    pub(crate) async fn client(&self) -> Result<Grpc<Replicas>, Problem> {
        let mut client = Grpc::new(self.channel()?).max_decoding_message_size(LARGEST_MESSAGE);
        client.ready().await.map_err(|_| {
            Problem::new(
                http::StatusCode::SERVICE_UNAVAILABLE,
                "UNAVAILABLE",
                "the service cannot be reached now",
            )
        })?;
        Ok(client)
    }

    /// What each replica of the service says, as far as they have addresses of their own.
    pub(crate) async fn states(&self) -> Vec<State> {
        let Ok(replicas) = self.channel() else { return vec![State::Down] };
        join_all(replicas.each().map(state)).await
    }

    fn channel(&self) -> Result<Replicas, Problem> {
        let turn = self.next.fetch_add(1, Ordering::Relaxed);
        let at = turn % self.channels.len().max(1);
        self.channels.get(at).cloned().ok_or_else(Problem::bad_upstream)
    }
}

async fn state(replica: Replicas) -> State {
    let mut health = HealthClient::new(replica);
    let answer = tokio::time::timeout(PATIENCE, health.check(HealthCheckRequest::default())).await;
    match answer {
        Ok(Ok(answer)) if answer.get_ref().status() == ServingStatus::Serving => State::Serving,
        Ok(Ok(_)) => State::Unwell,
        Ok(Err(_)) | Err(_) => State::Down,
    }
}
