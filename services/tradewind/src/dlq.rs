//! Dead letters: listed, tried again, given up.

use anyhow::{Result, ensure};
use serde_json::Value;

use crate::{
    client::{number, text},
    operator::Operator,
    output::say,
};

/// Lists them, those of every service where none is named: with what queues
/// behind them, or else those that were given up, if that is wanted.
pub(crate) async fn list(operator: &Operator, service: Option<&String>, all: bool, purged: bool) -> Result<()> {
    for service in services(operator, service).await? {
        list_of(operator, &service, all, purged).await?;
    }
    Ok(())
}

/// Tries them again, once the cause is mended: those of a service, of one of its
/// consumers, or of the queue that one event is in. Empty texts mean all.
///
/// # Errors
/// What the gateway refuses; letters that failed again.
pub(crate) async fn redrive(operator: &Operator, service: Option<&String>, consumer: &str, event: &str) -> Result<()> {
    let mut remaining = 0;
    for service in services(operator, service).await? {
        remaining += redrive_of(operator, &service, consumer, event).await?;
    }
    ensure!(remaining == 0, "{remaining} dead letters are still there");
    Ok(())
}

/// Gives one up.
pub(crate) async fn purge(operator: &Operator, service: &str, consumer: &str, event: &str, reason: &str) -> Result<()> {
    let purged = operator.purge(service, consumer, event, reason).await?;
    say(format_args!("{event} was given up: {}", text(&purged, "reason")));
    Ok(())
}

/// The one that is named, or else all.
async fn services(operator: &Operator, only: Option<&String>) -> Result<Vec<String>> {
    match only {
        Some(service) => Ok(vec![service.clone()]),
        None => operator.names().await,
    }
}

async fn list_of(operator: &Operator, service: &str, all: bool, purged: bool) -> Result<()> {
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
async fn redrive_of(operator: &Operator, service: &str, consumer: &str, event: &str) -> Result<i64> {
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
