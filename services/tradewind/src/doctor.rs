//! Everything that may be wrong with a running ecosystem, asked of every service behind the gateway.

use std::time::Duration;

use anyhow::Result;
use futures::future::join_all;
use kernel::Time;
use serde_json::Value;

use crate::{
    client::{number, text},
    operator::Operator,
};

/// What is still well.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// How long an event may wait to be published, and a deadline may be overdue.
    pub(crate) patience: Duration,
    /// How many events a consumer may have before it.
    pub(crate) lag: i64,
}

/// What was found out about one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    /// Which service.
    pub(crate) service: String,
    /// What was looked at, such as `outbox`.
    pub(crate) about: String,
    /// In words.
    pub(crate) text: String,
    /// Whether it is as it should be.
    pub(crate) well: bool,
}

/// All findings, good and bad, and the seals to keep elsewhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Report {
    /// Service by service.
    pub(crate) findings: Vec<Finding>,
    /// What audits answered to be kept and asked for later.
    pub(crate) seals: Vec<String>,
}

impl Report {
    fn add(&mut self, service: &str, about: &str, well: bool, text: impl Into<String>) {
        self.findings.push(Finding {
            service: service.to_owned(),
            about: about.to_owned(),
            text: text.into(),
            well,
        });
    }
}

/// Examines every service; with its audits, which look at all data, if they are wanted.
///
/// # Errors
/// A gateway that does not answer.
pub(crate) async fn examine(operator: &Operator, bounds: Bounds, audits: bool, known_seal: &str) -> Result<Report> {
    let services = operator.services().await?;
    let examined = services.iter().map(|(service, state)| async move {
        let mut report = Report::default();
        let says = match state.as_str() {
            "serving" => "serves",
            "unwell" => "misses its database or the broker",
            _ => "does not serve",
        };
        report.add(service, "readiness", state == "serving", says);
        if state != "down" {
            of_service(operator, service, bounds, audits, known_seal, &mut report).await;
        }
        report
    });
    let mut whole = Report::default();
    for report in join_all(examined).await {
        whole.findings.extend(report.findings);
        whole.seals.extend(report.seals);
    }
    Ok(whole)
}

async fn of_service(operator: &Operator, service: &str, bounds: Bounds, audits: bool, known_seal: &str, report: &mut Report) {
    let status = match operator.status(service).await {
        Ok(status) => status,
        Err(error) => return report.add(service, "status", false, error.to_string()),
    };
    let now = time(&status["time"]).unwrap_or_default();
    let age = |value: &Value| time(value).map(|time| now.since(time));

    let (waiting, oldest) = (number(&status["outbox"], "waiting"), age(&status["outbox"]["oldestTime"]));
    let late = oldest.is_some_and(|oldest| oldest > bounds.patience);
    report.add(service, "outbox", !late, format!("{waiting} events wait{}", since(oldest)));

    match status["stream"].as_object() {
        Some(_) => report.add(service, "stream", true, format!("{} events", number(&status["stream"], "messages"))),
        None => report.add(service, "stream", false, "the broker does not answer"),
    }
    for consumer in status["consumers"].as_array().into_iter().flatten() {
        of_consumer(service, consumer, bounds, report);
    }

    let timers = &status["timers"];
    let (overdue, failing, oldest) = (number(timers, "overdue"), number(timers, "failing"), age(&timers["oldestDueTime"]));
    let late = oldest.is_some_and(|oldest| oldest > bounds.patience);
    let text = format!(
        "{} wait, {overdue} are overdue{}, {failing} keep failing",
        number(timers, "waiting"),
        since(oldest)
    );
    report.add(service, "timers", !late && failing == 0, text);

    for audit in status["audits"].as_array().into_iter().flatten().filter(|_| audits) {
        run_audit(operator, service, audit.as_str().unwrap_or_default(), known_seal, report).await;
    }
}

fn of_consumer(service: &str, consumer: &Value, bounds: Bounds, report: &mut Report) {
    let about = format!("consumer of {}", text(consumer, "consumer"));
    match consumer["pending"].as_str() {
        None => report.add(service, &about, false, "the broker does not answer"),
        Some(_) => {
            let pending = number(consumer, "pending");
            let unacknowledged = number(consumer, "unacknowledged");
            let text = format!("{pending} events before it, {unacknowledged} in work");
            report.add(service, &about, pending <= bounds.lag, text);
        }
    }
    let letters = number(consumer, "deadLetters");
    let hint = if letters == 0 {
        String::new()
    } else {
        format!("; see `tradewind dlq list --service {service}`")
    };
    report.add(service, &about, letters == 0, format!("{letters} dead letters{hint}"));
}

/// All pages, until one finds something.
async fn run_audit(operator: &Operator, service: &str, audit: &str, known_seal: &str, report: &mut Report) {
    let (mut token, mut seal) = (String::new(), String::new());
    let about = format!("audit {audit}");
    let examined = loop {
        let page = match operator.audit(service, audit, &token, known_seal).await {
            Ok(page) => page,
            Err(error) => return report.add(service, &about, false, format!("could not be run: {error}")),
        };
        let findings: Vec<&str> = page["findings"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        for finding in &findings {
            report.add(service, &about, false, *finding);
        }
        if !text(&page, "seal").is_empty() {
            seal = text(&page, "seal");
        }
        token = text(&page, "nextPageToken");
        if !findings.is_empty() {
            return;
        }
        if token.is_empty() {
            break text(&page, "examined");
        }
    };
    let sealed = if seal.is_empty() {
        String::new()
    } else {
        format!(", up to seal {seal}")
    };
    report.add(service, &about, true, format!("{examined}{sealed}"));
    report.seals.extend(Some(seal).filter(|seal| !seal.is_empty()));
}

fn time(value: &Value) -> Option<Time> {
    value.as_str()?.parse().ok()
}

fn since(age: Option<Duration>) -> String {
    age.map(|age| format!(", the oldest for {:.1} s", age.as_secs_f64()))
        .unwrap_or_default()
}
