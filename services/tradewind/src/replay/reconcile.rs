//! Files against system, line by line. Everything is asked for anew through the gateway.

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Context, Result};
use futures::{StreamExt, TryStreamExt, stream};
use kernel::Money;
use serde_json::Value;
use tokio::time::sleep;

use super::{
    files::{FileOrder, Files, Status},
    people::People,
    progress::Progress,
};
use crate::{
    client::{Person, number, text},
    operate::Operator,
    seed::OPERATOR,
    steps::Steps,
};

/// The platform's fee, in hundredths of a per cent, as order has it by default.
const FEE_BASIS_POINTS: u32 = 250;

/// How often a service is asked whether its outbox is drained.
const DRAINING: u32 = 100;

/// Totals in cents and counts, by line.
#[derive(Default)]
pub(crate) struct Reconciliation {
    lines: BTreeMap<String, (i64, i64)>,
}

impl Reconciliation {
    pub(crate) async fn make(files: &Files, people: &People, progress: &Progress) -> Result<Self> {
        let mut all = Self::default();
        for order in &files.orders {
            all.expect(order)?;
        }
        let steps = Steps::new("reconciling", files.orders.len() as u64)?;
        let mut looking = stream::iter(&files.orders)
            .map(|order| look(people, progress, order))
            .buffer_unordered(24);
        while let Some(found) = looking.try_next().await? {
            for (line, value) in found {
                all.found(&line, value);
            }
            steps.step();
        }
        steps.finish();
        all.stock(files, people).await?;
        let operator = Person::join(people.gateway(), OPERATOR, "Tradewind operator", "SG").await?;
        all.books(&operator).await?;
        all.queues(operator).await?;
        Ok(all)
    }

    fn expected(&mut self, line: &str, value: i64) {
        self.lines.entry(line.to_owned()).or_default().0 += value;
    }

    fn found(&mut self, line: &str, value: i64) {
        self.lines.entry(line.to_owned()).or_default().1 += value;
    }

    /// What the file says of an order.
    fn expect(&mut self, order: &FileOrder) -> Result<()> {
        let (goods, freight) = (order.goods(), order.freight());
        let sellers = i64::try_from(order.by_seller().len())?;
        self.expected(&format!("orders {}", state(order.status)), sellers);
        self.expected("goods", goods);
        self.expected("freight", freight);
        let paid = if order.status == Status::Unpaid { 0 } else { order.paid() };
        self.expected("payments", paid);
        let (held, released, refunded) = match order.status {
            Status::Unpaid => (0, 0, 0),
            Status::Paid | Status::InTransit => (paid, 0, 0),
            Status::Completed => (0, paid, 0),
            Status::Cancelled => (0, 0, paid),
        };
        self.expected("escrow held", held);
        self.expected("escrow released", released);
        self.expected("escrow refunded", refunded);
        if order.status == Status::Completed {
            let real = "BRL".parse()?;
            for item in &order.items {
                self.expected(
                    "fees",
                    Money::new(item.price * item.quantity, real)
                        .basis_points(FEE_BASIS_POINTS)?
                        .minor_units(),
                );
            }
        }
        Ok(())
    }

    /// On hand is what never left, reserved is what is paid or unpaid and has not left.
    async fn stock(&mut self, files: &Files, people: &People) -> Result<()> {
        for order in &files.orders {
            let pieces: i64 = order.items.iter().map(|item| item.quantity).sum();
            let (on_hand, reserved) = match order.status {
                Status::Unpaid | Status::Paid => (pieces, pieces),
                Status::InTransit | Status::Completed => (0, 0),
                Status::Cancelled => (pieces, 0),
            };
            self.expected("stock on hand", on_hand);
            self.expected("stock reserved", reserved);
        }
        let mut looking = stream::iter(files.sellers())
            .map(|(seller, _)| stock_of(people, seller))
            .buffer_unordered(16);
        while let Some((on_hand, reserved)) = looking.try_next().await? {
            self.found("stock on hand", on_hand);
            self.found("stock reserved", reserved);
        }
        Ok(())
    }

    /// The ledger's own totals: what escrow accounts hold, what the platform earned, and whether the books are right.
    async fn books(&mut self, operator: &Person) -> Result<()> {
        let balance = operator.client.get("/v1/ledger/trialBalance").await.context("the trial balance")?;
        self.expected("ledger violations", 0);
        self.found(
            "ledger violations",
            balance["violations"]
                .as_array()
                .map_or(0, |violations| i64::try_from(violations.len()).unwrap_or(i64::MAX)),
        );
        let held = self.lines.get("escrow held").map_or(0, |(expected, _)| *expected);
        let fees = self.lines.get("fees").map_or(0, |(expected, _)| *expected);
        self.expected("ledger escrow", held);
        self.expected("ledger fees", fees);
        for line in balance["lines"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|line| text(line, "currency") == "BRL")
        {
            let net = number(line, "creditsPosted") - number(line, "debitsPosted");
            match text(line, "accountKind").as_str() {
                "escrow" => self.found("ledger escrow", net),
                "fees" => self.found("ledger fees", net),
                _ => {}
            }
        }
        Ok(())
    }

    /// Every event has been published, and every one that was heard digested.
    async fn queues(&mut self, operator: Person) -> Result<()> {
        let operator = Operator::new(operator.client);
        self.expected("outboxes", 0);
        self.expected("dead letters", 0);
        for (service, _) in operator.services().await? {
            let mut status = operator.status(&service).await?;
            for _ in 0..DRAINING {
                if number(&status["outbox"], "waiting") == 0 {
                    break;
                }
                sleep(Duration::from_millis(200)).await;
                status = operator.status(&service).await?;
            }
            self.found("outboxes", number(&status["outbox"], "waiting"));
            for consumer in status["consumers"].as_array().into_iter().flatten() {
                self.found("dead letters", number(consumer, "deadLetters"));
            }
        }
        Ok(())
    }

    /// Tells every line; false when one differs.
    pub(crate) fn tell(&self) -> bool {
        println!("\n{:<24}{:>16}{:>16}", "", "files", "system");
        let mut same = true;
        for (line, (expected, found)) in &self.lines {
            let mark = if expected == found { "" } else { "   <- differs" };
            same &= expected == found;
            println!("{line:<24}{expected:>16}{found:>16}{mark}");
        }
        println!(
            "{}",
            if same {
                "\nfiles and system agree"
            } else {
                "\nfiles and system differ"
            }
        );
        same
    }
}

const fn state(status: Status) -> &'static str {
    match status {
        Status::Unpaid => "PLACED",
        Status::Paid => "PAID",
        Status::InTransit => "SHIPPED",
        Status::Completed => "COMPLETED",
        Status::Cancelled => "CANCELLED",
    }
}

/// What the system says of an order of the files.
async fn look(people: &People, progress: &Progress, order: &FileOrder) -> Result<Vec<(String, i64)>> {
    let buyer = people.customer(&order.customer).await?;
    let mut found = Vec::new();
    for id in progress.placed(&order.id) {
        let seen = buyer.order(&id).await?;
        found.push((format!("orders {}", text(&seen, "state").trim_start_matches("ORDER_STATE_")), 1));
        let cents = |value: &Value| number(value, "minorUnits");
        let goods = seen["lines"].as_array().into_iter().flatten().map(|line| cents(&line["net"])).sum();
        found.push(("goods".to_owned(), goods));
        found.push(("freight".to_owned(), cents(&seen["freight"])));
        if order.status == Status::Unpaid {
            continue;
        }
        let escrow = buyer.client.get(&format!("/v1/orders/{id}/escrow")).await?;
        let (held, released, refunded) = (cents(&escrow["held"]), cents(&escrow["released"]), cents(&escrow["refunded"]));
        found.push(("payments".to_owned(), held + released + refunded));
        found.push(("escrow held".to_owned(), held));
        found.push(("escrow released".to_owned(), released));
        found.push(("escrow refunded".to_owned(), refunded));
        found.push(("fees".to_owned(), cents(&escrow["fee"])));
    }
    Ok(found)
}

/// On hand and reserved of everything that a seller sells.
async fn stock_of(people: &People, seller: String) -> Result<(i64, i64)> {
    let person = people.seller(&seller).await?;
    let mut sums = (0, 0);
    for variant in people.shop(&seller).await.values() {
        let stock = person.client.get(&format!("/v1/stock/{variant}")).await?;
        sums.0 += number(&stock, "onHand");
        sums.1 += number(&stock, "reserved");
    }
    Ok(sums)
}
