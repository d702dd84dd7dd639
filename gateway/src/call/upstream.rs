//! The connections to one service.

use std::sync::atomic::{AtomicUsize, Ordering};

use runtime::Replicas;
use tonic::client::Grpc;
use tonic_health::pb::{HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient};

use crate::answer::Problem;

/// The largest message that is taken from a service.
const LARGEST_MESSAGE: usize = 64 << 20;

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

    /// Whether the service says that it serves.
    pub(crate) async fn is_serving(&self) -> bool {
        let Ok(channel) = self.channel() else { return false };
        let answer = HealthClient::new(channel).check(HealthCheckRequest::default()).await;
        answer.is_ok_and(|answer| answer.into_inner().status() == ServingStatus::Serving)
    }

    fn channel(&self) -> Result<Replicas, Problem> {
        let turn = self.next.fetch_add(1, Ordering::Relaxed);
        let at = turn % self.channels.len().max(1);
        self.channels.get(at).cloned().ok_or_else(Problem::bad_upstream)
    }
}
