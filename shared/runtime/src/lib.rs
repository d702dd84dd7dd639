//! What every process needs to run: configuration, telemetry, the gRPC stack, authentication, health and an orderly end.
//!
//! ```ignore
//! fn main() -> anyhow::Result<()> {
//!     Ok(runtime::main("order", order::run)?)
//! }
//!
//! pub async fn run(start: runtime::Start<Config>) -> Result<(), runtime::Error> {
//!     let catalog = PricingServiceClient::new(start.peer("catalog")?);
//!     start.serve(Routes::new(OrderServiceServer::new(api))).await
//! }
//! ```
//!
//! Nothing but this crate reads the wall clock or the environment, and every program that has it allocates as it says.

pub mod auth;
mod clock;
mod deadline;
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
mod violations;
pub mod webhooks;
mod whole;

pub use crate::{
    clock::SystemClock,
    deadline::{deadline, within},
    health::Condition,
    organisations::Organisations,
    peer::Peer,
    problem::Problem,
    protos::{Unreadable, money, read_money, read_timestamp, timestamp},
    replicas::Replicas,
    settings::{LogFormat, Secret, Settings},
    start::{Error, Start, check, main, main_with},
    violations::{Violations, is_invisible},
};

/// Requests allocate on one thread and free on another; glibc's allocator makes them wait for each other there.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
