//! What every process needs to run: configuration, telemetry, the gRPC stack, authentication, health and an orderly end.
//!
//! ```no_run
//! use std::process::ExitCode;
//!
//! use proto::catalog::v1::pricing_service_client::PricingServiceClient;
//! use runtime::{Error, Settings, Start};
//! use tonic::service::Routes;
//!
//! /// What stands in the section `order` of the configuration.
//! #[derive(serde::Deserialize)]
//! #[serde(deny_unknown_fields)]
//! struct Config {}
//!
//! fn check(settings: &Settings, _: &Config) -> Result<(), Error> {
//!     settings.must_name(&["catalog"])
//! }
//!
//! async fn run(start: Start<Config>) -> Result<(), Error> {
//!     let _catalog = PricingServiceClient::new(start.peer("catalog")?);
//!     start.serve(Routes::default()).await
//! }
//!
//! fn main() -> ExitCode {
//!     runtime::main("order", check, run)
//! }
//! ```
//!
//! Nothing but this crate reads the wall clock or the environment, and every program that has it allocates as it says.

pub mod auth;
mod clock;
mod deadline;
mod handler;
pub mod health;
mod lingering;
mod organisations;
pub mod peer;
pub mod problem;
mod protos;
mod replicas;
mod retry;
mod server;
mod settings;
mod start;
pub mod telemetry;
mod validation;
mod violations;
pub mod webhooks;
mod whole;

pub use crate::{
    clock::SystemClock,
    deadline::{deadline, is_late, within},
    handler::with,
    health::Condition,
    organisations::Organisations,
    peer::Peer,
    problem::Problem,
    protos::{Unreadable, money, read_money, read_timestamp, timestamp},
    replicas::Replicas,
    settings::{LogFormat, Secret, Settings},
    start::{Error, Start, check, main},
    validation::{VALIDATE_ONLY, is_validating},
    violations::{Violations, is_invisible, parse_id},
};

/// Requests allocate on one thread and free on another; glibc's allocator makes them wait for each other there.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
