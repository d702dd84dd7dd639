//! Calls of RPCs: peers that answer them, ways to whoever does, what messages say of money, and what a refusal says.

use std::net::SocketAddr;

use proto::money::v1::Money;
use tokio::net::TcpListener;
use tonic::{
    Status,
    service::Routes,
    transport::{Channel, Server, server::TcpIncoming},
};
use tonic_types::StatusExt;

/// Serves a stand-in for as long as the test runs; where.
pub async fn serve(routes: Routes) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = Server::builder().add_routes(routes);
    tokio::spawn(server.serve_with_incoming(TcpIncoming::from(listener)));
    address
}

/// A way to whoever serves there, or will.
pub fn channel(address: SocketAddr) -> Channel {
    Channel::from_shared(format!("http://{address}")).unwrap().connect_lazy()
}

/// So many cents, as messages have them.
pub fn usd(minor_units: i64) -> Option<Money> {
    Some(Money {
        minor_units,
        currency: "USD".to_owned(),
    })
}

/// Why a call was refused.
pub fn reason(status: &Status) -> String {
    runtime::problem::reason_of(status).unwrap_or_default()
}

/// Which fields of a request were at fault.
pub fn fields(status: &Status) -> Vec<String> {
    let bad = status.get_details_bad_request().map(|bad| bad.field_violations);
    bad.unwrap_or_default().into_iter().map(|violation| violation.field).collect()
}
