//! Dead letters: the events that a service could not digest, and those that queue behind them.

use anyhow::{Result, ensure};
use clap::{Args, Subcommand};
use serde_json::Value;

use super::door::Door;
use crate::{
    client::{number, text},
    operate::Operator,
    output::say,
};

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
        What::List { service, all, purged } => {
            for service in services(&operator, service.as_ref()).await? {
                list(&operator, &service, *all, *purged).await?;
            }
            Ok(())
        }
        What::Redrive {
            service, consumer, event, ..
        } => {
            let mut remaining = 0;
            for service in services(&operator, service.as_ref()).await? {
                remaining += redrive(&operator, &service, consumer, event).await?;
            }
            ensure!(remaining == 0, "{remaining} dead letters are still there");
            Ok(())
        }
        What::Purge {
            service,
            consumer,
            event,
            reason,
        } => {
            let purged = operator.purge(service, consumer, event, reason).await?;
            say(format_args!("{event} was given up: {}", text(&purged, "reason")));
            Ok(())
        }
    })
}

/// The one that is named, or else all.
async fn services(operator: &Operator, only: Option<&String>) -> Result<Vec<String>> {
    match only {
        Some(service) => Ok(vec![service.clone()]),
        None => operator.names().await,
    }
}

async fn list(operator: &Operator, service: &str, all: bool, purged: bool) -> Result<()> {
    if purged {
        for given_up in operator.letters(service, "purgedLetters", "").await? {
            print(service, &given_up["letter"]);
            say(format_args!(
                "    given up at {} by {}: {}",
                text(&given_up, "purgeTime"),
                text(&given_up, "accountId"),
                text(&given_up, "reason")
            ));
        }
        return Ok(());
    }
    for letter in operator.letters(service, "deadLetters", &format!("includeQueued={all}")).await? {
        print(service, &letter);
    }
    Ok(())
}

fn print(service: &str, letter: &Value) {
    let error = text(letter, "error");
    say(format_args!(
        "{service} <- {}  {}  {}  aggregate {}  happened {}  put away {}",
        text(letter, "consumer"),
        text(letter, "eventId"),
        text(letter, "subject"),
        text(letter, "aggregateId"),
        text(letter, "eventTime"),
        text(letter, "createTime")
    ));
    if error.is_empty() {
        say("    queues behind another");
    } else {
        say(format_args!(
            "    tried {} times, {} queue behind it: {error}",
            letter["tries"],
            number(letter, "queuedBehind")
        ));
    }
}

/// Asks until nothing is left, or nothing moves any more; how many are left.
async fn redrive(operator: &Operator, service: &str, consumer: &str, event: &str) -> Result<i64> {
    let mut digested = 0;
    loop {
        let redriven = operator.redrive(service, consumer, event).await?;
        let (moved, remaining) = (number(&redriven, "digested"), number(&redriven, "remaining"));
        digested += moved;
        if moved > 0 && remaining > 0 && event.is_empty() {
            continue;
        }
        say(format_args!("{service}: {digested} digested, {remaining} remain"));
        for letter in redriven["failed"].as_array().into_iter().flatten() {
            print(service, letter);
        }
        return Ok(remaining);
    }
}
