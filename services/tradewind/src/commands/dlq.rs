//! Dead letters: the events that a service could not digest, and those that queue behind them.

use anyhow::Result;
use clap::{Args, Subcommand};

use super::door::Door;
use crate::dlq;

/// What is done about them.
#[derive(Args)]
pub struct Options {
    #[command(subcommand)]
    what: What,
    #[command(flatten)]
    door: Door,
}

#[derive(Subcommand)]
enum What {
    /// List them: one line for each queue, with what went wrong at its head.
    List {
        /// Only those of this service.
        #[arg(long)]
        service: Option<String>,
        /// What queues behind others, too.
        #[arg(long)]
        all: bool,
        /// Those that were given up, instead.
        #[arg(long, conflicts_with = "all")]
        purged: bool,
    },
    /// Try them again, once the cause is mended.
    Redrive {
        /// Only those of this service.
        #[arg(long, required_unless_present = "all")]
        service: Option<String>,
        /// Those of every service.
        #[arg(long, conflicts_with = "service")]
        all: bool,
        /// Only those of this consumer, such as `order`.
        #[arg(long, default_value = "")]
        consumer: String,
        /// Only the queue that this event is in, "evt_…".
        #[arg(long, default_value = "", requires = "service")]
        event: String,
    },
    /// Give one up. It is kept with the reason, and does not come back.
    Purge {
        /// Whose it is.
        #[arg(long)]
        service: String,
        /// Which of its consumers, such as `order`.
        #[arg(long)]
        consumer: String,
        /// The event, "evt_…".
        #[arg(long)]
        event: String,
        /// Why, for whoever asks later.
        #[arg(long)]
        reason: String,
    },
}

/// Does it.
///
/// # Errors
/// What the gateway refuses; letters that failed again.
pub fn run(options: Options) -> Result<()> {
    options.door.enter(async |operator| match &options.what {
        What::List { service, all, purged } => dlq::list(&operator, service.as_ref(), *all, *purged).await,
        What::Redrive {
            service, consumer, event, ..
        } => dlq::redrive(&operator, service.as_ref(), consumer, event).await,
        What::Purge {
            service,
            consumer,
            event,
            reason,
        } => dlq::purge(&operator, service, consumer, event, reason).await,
    })
}
