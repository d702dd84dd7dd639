//! Whether a process does what it is there for, asked over its own port.

use std::{net::Ipv4Addr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tonic::transport::{Channel, Endpoint};
use tonic_health::pb::{HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient};

use super::ready;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_millis(250);

/// PostgreSQL's question whether it speaks TLS (Frontend/Backend Protocol, SSLRequest): its length and its code. The answer is one letter.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];

/// How a process is asked.
pub(crate) enum Probe {
    /// gRPC's own health protocol.
    Service(Channel),
    /// The gateway's `/healthz`: whoever is behind it has a probe of their own.
    Gateway(reqwest::Client),
    /// NATS introduces itself.
    Nats,
    /// PostgreSQL answers a question that needs no user.
    Postgres,
}

/// What came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// It does.
    Serving,
    /// It says that it does not.
    NotServing,
    /// Nothing.
    Silence,
}

impl Probe {
    /// Of a service at this port, over one connection that comes back by itself.
    pub(crate) fn service(port: u16) -> Self {
        let endpoint = Endpoint::from_shared(format!("http://127.0.0.1:{port}")).expect("a port makes a URL");
        Self::Service(endpoint.connect_timeout(PATIENCE).connect_lazy())
    }

    pub(crate) async fn ask(&self, port: u16) -> Answer {
        let asking = async {
            match self {
                Self::Service(channel) => serving(channel).await,
                Self::Gateway(client) => ready::is_alive(client, port).await.then_some(Answer::Serving),
                Self::Nats => first_byte(port, &[]).await.map(|_| Answer::Serving),
                Self::Postgres => first_byte(port, &SSL_REQUEST).await.map(|_| Answer::Serving),
            }
        };
        tokio::time::timeout(PATIENCE, asking)
            .await
            .ok()
            .flatten()
            .unwrap_or(Answer::Silence)
    }
}

async fn serving(channel: &Channel) -> Option<Answer> {
    let told = HealthClient::new(channel.clone()).check(HealthCheckRequest::default()).await.ok()?;
    Some(if told.into_inner().status() == ServingStatus::Serving {
        Answer::Serving
    } else {
        Answer::NotServing
    })
}

/// The first byte that a server says after this.
async fn first_byte(port: u16, question: &[u8]) -> Option<u8> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.ok()?;
    stream.write_all(question).await.ok()?;
    stream.read_u8().await.ok()
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn a_server_that_only_listens_is_silent() {
        let frozen = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = frozen.local_addr().unwrap().port();
        for probe in [
            Probe::Nats,
            Probe::Postgres,
            Probe::service(port),
            Probe::Gateway(reqwest::Client::new()),
        ] {
            assert_eq!(probe.ask(port).await, Answer::Silence);
        }
    }
}
