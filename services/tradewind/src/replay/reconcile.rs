//! Files against system, line by line.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use anyhow::{Context, Result};
use futures::{StreamExt, TryStreamExt, stream};
use kernel::Money;
use tokio::time::sleep;

use super::{
    SIDE_BY_SIDE,
    files::{FileOrder, Files, Status},
    people::People,
    progress::{Books, Progress},
    system::{Lines, Ours, Shelf, books, brought_by, look, stock_of, strays_of},
};
use crate::{
    client::{Person, number},
    operate::Operator,
    seed::OPERATOR,
    steps::Steps,
};

/// The platform's fee, in hundredths of a per cent, as order has it by default.
const FEE_BASIS_POINTS: u32 = 250;

/// Brazil's, in which Olist's prices are.
pub(super) const CURRENCY: &str = "BRL";

/// How often a service is asked whether its outbox is drained.
const DRAINING: u32 = 100;

/// How lines begin that are held against each other order by order, and not added up.
const DETAIL: &str = "its ";

/// How many orders that differ are named.
const NAMED: usize = 10;

/// Totals in cents and counts, by line.
#[derive(Default)]
pub(crate) struct Reconciliation {
    lines: BTreeMap<String, (i64, i64)>,
    /// Orders that are not in the system what they are in the files, each with its first difference, and what is in no file.
    unlike: Vec<String>,
}

/// What there is in the books of this currency, before anything is replayed.
pub(crate) async fn before(people: &People) -> Result<Books> {
    let (before, _) = books(&operator(people).await?).await?;
    Ok(before)
}

async fn operator(people: &People) -> Result<Person> {
    Ok(Person::sign_in(people.gateway(), OPERATOR).await?)
}

impl Reconciliation {
    pub(crate) async fn make(files: &Files, people: &People, progress: &Progress) -> Result<Self> {
        let mut all = Self::default();
        let steps = Steps::new("reconciling", files.orders.len() as u64)?;
        let mut looking = stream::iter(&files.orders)
            .map(|order| async move { Ok::<_, anyhow::Error>((order, look(people, progress, order).await?)) })
            .buffer_unordered(SIDE_BY_SIDE);
        while let Some((order, found)) = looking.try_next().await? {
            all.compare(order, &expected(order)?, &found);
            steps.step();
        }
        steps.finish();
        let unlike = i64::try_from(all.unlike.len())?;
        all.line("orders unlike files", 0, unlike);
        all.strays(files, people, progress).await?;
        let begun = progress.all_begun();
        let replayed = files.aside.iter().filter(|order| begun.contains_key(*order)).count();
        all.line("set aside yet replayed", 0, i64::try_from(replayed)?);
        let ours = Ours::of(files, begun);
        all.stock(files, people, &ours).await?;
        let operator = operator(people).await?;
        all.books(people, progress, &ours, &operator).await?;
        all.queues(operator).await?;
        Ok(all)
    }

    fn line(&mut self, line: &str, expected: i64, found: i64) {
        let both = self.lines.entry(line.to_owned()).or_default();
        both.0 += expected;
        both.1 += found;
    }

    /// Adds an order to the totals; totals may agree where orders do not.
    fn compare(&mut self, order: &FileOrder, expected: &Lines, found: &Lines) {
        let total = |line: &str| !line.starts_with(DETAIL);
        for (line, value) in expected.iter().filter(|(line, _)| total(line)) {
            self.line(line, *value, 0);
        }
        for (line, value) in found.iter().filter(|(line, _)| total(line)) {
            self.line(line, 0, *value);
        }
        let lines: BTreeSet<&String> = expected.keys().chain(found.keys()).collect();
        let value = |lines: &Lines, line: &String| lines.get(line).copied().unwrap_or_default();
        let differs = lines.into_iter().find(|line| value(expected, line) != value(found, line));
        if let Some(line) = differs {
            let (expected, found) = (value(expected, line), value(found, line));
            let differs = format!("order {}: {line} {expected} in the files, {found} in the system", order.id);
            self.unlike.push(differs);
        }
    }

    /// Orders and top-ups of the customers that came from no file: what a crash may have brought twice.
    async fn strays(&mut self, files: &Files, people: &People, progress: &Progress) -> Result<()> {
        let known = progress.knows();
        let customers: BTreeSet<&str> = files.orders.iter().map(|order| order.customer.as_str()).collect();
        let steps = Steps::new("looking for strays", customers.len() as u64)?;
        let mut looking = stream::iter(customers)
            .map(|customer| strays_of(people, customer, &known))
            .buffer_unordered(SIDE_BY_SIDE);
        while let Some(strays) = looking.try_next().await? {
            self.line("of no file", 0, i64::try_from(strays.len())?);
            self.unlike
                .extend(strays.into_iter().map(|id| format!("{id} is in the system and in no file")));
            steps.step();
        }
        steps.finish();
        Ok(())
    }

    /// On hand is what never left, reserved is what is paid or unpaid and has not left.
    async fn stock(&mut self, files: &Files, people: &People, ours: &Ours) -> Result<()> {
        let mut shelves: BTreeMap<(&str, &str), Shelf> = BTreeMap::new();
        for order in &files.orders {
            for item in &order.items {
                let shelf = shelves.entry((&item.seller, &item.product)).or_default();
                match order.status {
                    Status::Unpaid | Status::Paid => {
                        shelf.on_hand += item.quantity;
                        shelf.reserved += item.quantity;
                    }
                    Status::InTransit | Status::Completed => {}
                    Status::Cancelled => shelf.on_hand += item.quantity,
                }
            }
        }
        let mut looking = stream::iter(shelves)
            .map(|((seller, product), expected)| async move {
                let found = stock_of(people, seller, product, expected, ours).await;
                Ok::<_, anyhow::Error>((expected, found.with_context(|| format!("the stock of {product} at {seller}"))?))
            })
            .buffer_unordered(SIDE_BY_SIDE);
        let mut unlike = 0;
        while let Some((expected, found)) = looking.try_next().await? {
            self.line("stock on hand", expected.on_hand, found.on_hand);
            self.line("stock reserved", expected.reserved, found.reserved);
            unlike += i64::from(expected != found);
        }
        self.line("stock unlike files", 0, unlike);
        Ok(())
    }

    /// The ledger's own totals, and whether the books are right: what providers brought is what wallets and escrow hold and what the platform earned. What
    /// was there before, and what other replays brought, is not ours.
    async fn books(&mut self, people: &People, progress: &Progress, ours: &Ours, operator: &Person) -> Result<()> {
        let (now, violations) = books(operator).await?;
        let before = progress.before().context("nobody noted what was in the books before")?;
        let mut found = now - before;
        let mut others = stream::iter(&ours.others)
            .map(|other| brought_by(people, progress, other))
            .buffer_unordered(SIDE_BY_SIDE);
        while let Some(theirs) = others.try_next().await? {
            found = found - theirs;
        }
        let expected = |line: &str| self.lines.get(line).map_or(0, |(expected, _)| *expected);
        let (brought, held, earned) = (expected("payments"), expected("escrow held"), expected("fees"));
        let kept = expected("escrow refunded") + expected("escrow released") - earned;
        self.line("ledger providers", -brought, found.provider);
        self.line("ledger wallets", kept, found.wallet);
        self.line("ledger escrow", held, found.escrow);
        self.line("ledger fees", earned, found.fees);
        self.line("ledger violations", 0, violations);
        Ok(())
    }

    /// Every event has been published, and every one that was heard digested.
    async fn queues(&mut self, operator: Person) -> Result<()> {
        let operator = Operator::new(operator.client);
        for service in operator.names().await? {
            let mut status = operator.status(&service).await?;
            for _ in 0..DRAINING {
                if number(&status["outbox"], "waiting") == 0 {
                    break;
                }
                sleep(Duration::from_millis(200)).await;
                status = operator.status(&service).await?;
            }
            self.line("outboxes", 0, number(&status["outbox"], "waiting"));
            for consumer in status["consumers"].as_array().into_iter().flatten() {
                self.line("dead letters", 0, number(consumer, "deadLetters"));
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
        for differs in self.unlike.iter().take(NAMED) {
            println!("{differs}");
        }
        if self.unlike.len() > NAMED {
            println!("and {} more", self.unlike.len() - NAMED);
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

/// What the file says of an order.
fn expected(order: &FileOrder) -> Result<Lines> {
    let mut lines = Lines::new();
    let paid = if order.status == Status::Unpaid { 0 } else { order.paid() };
    let (held, released, refunded) = match order.status {
        Status::Unpaid => (0, 0, 0),
        Status::Paid | Status::InTransit => (paid, 0, 0),
        Status::Completed => (0, paid, 0),
        Status::Cancelled => (0, 0, paid),
    };
    let mut fees = 0;
    if order.status == Status::Completed {
        let real = CURRENCY.parse()?;
        for item in &order.items {
            fees += Money::new(item.goods, real).basis_points(FEE_BASIS_POINTS)?.minor_units();
        }
    }
    let orders = format!("orders {}", state(order.status));
    lines.insert(orders, i64::try_from(order.by_seller().len())?);
    for (line, value) in [
        ("goods", order.goods()),
        ("freight", order.freight()),
        ("payments", paid),
        ("escrow held", held),
        ("escrow released", released),
        ("escrow refunded", refunded),
        ("fees", fees),
    ] {
        lines.insert(line.to_owned(), value);
    }
    for item in &order.items {
        lines.insert(line_of(item.quantity, &item.product, &item.seller), item.goods);
    }
    let paying = order
        .payments
        .iter()
        .filter(|payment| payment.value > 0 && order.status != Status::Unpaid);
    for payment in paying {
        *lines.entry(payments_of(payment.value)).or_default() += 1;
    }
    Ok(lines)
}

pub(super) fn line_of(pieces: i64, product: &str, seller: &str) -> String {
    format!("{DETAIL}{pieces} of {product} from {seller}")
}

pub(super) fn payments_of(cents: i64) -> String {
    format!("{DETAIL}payments of {cents}")
}
