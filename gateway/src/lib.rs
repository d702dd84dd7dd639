//! The one door for mobile and web clients: JSON over HTTP/1.1 and HTTP/2 to gRPC, for every RPC whose proto says how.
//!
//! A tour, in the order in which a request passes:
//!
//! - `door` listens, gives the request an id, completes the head of the answer, and tells of both in the access log.
//! - `routes` finds the route: a table made from the `google.api.http` options before the first request.
//! - `guard` asks who calls and how often, by the access rule of the proto, and `revoking` whether the token was revoked, as identity tells.
//! - `request` writes the gRPC request from body, path, query and headers.
//! - `codec` does the writing: JSON to wire bytes and back, along plans made from the descriptors.
//! - `call` makes the gRPC call and turns its answer, stream or error into HTTP.
//! - `answer` holds problems (RFC 9457) and etags.
//! - `openapi` describes all of it, and `docs` is the page to read and try that.
//!
//! Nothing here but `revoking` names a service, a method or a message: a new RPC needs no line of the gateway.

mod answer;
mod call;
mod codec;
mod config;
mod door;
mod gateway;
mod guard;
mod openapi;
mod request;
mod revoking;
mod routes;
mod run;

pub(crate) use self::gateway::Shared;
pub use self::{
    config::Config,
    gateway::{Error, Gateway, check_protos},
    revoking::Revocations,
    routes::Error as RoutesError,
    run::{check, run, run_with},
};
