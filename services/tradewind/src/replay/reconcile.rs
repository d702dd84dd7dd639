//! Files against system, line by line.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    time::Duration,
};

use anyhow::{Context, Result};
use tokio::time::sleep;

use super::{
    Auditor,
    each::each,
    figures::{Figure, Figures},
    files::{FileOrder, Files, Status},
    people::People,
    progress::{Books, Progress},
    rates::{Rates, fee_on},
    system::{Ours, Seen, Shelf, books, brought_by, look, stock_of, strays_of},
};
use crate::{
    client::{Person, number},
    operate::Operator,
    output::say,
};

/// How often a service is asked whether its outbox is drained.
const DRAINING: u32 = 100;

/// How many orders that differ are named.
const NAMED: usize = 10;

/// Files and system, figure by figure.
#[derive(Default)]
pub(crate) struct Reconciliation {
    figures: BTreeMap<Figure, (i64, i64)>,
    /// What is not in the system as it is in the files, each with its first difference; what is in no file; and what could not be looked at.
    unlike: Vec<String>,
    /// At which the platform sold, in hundredths of a per cent.
    fee_rate: u32,
    /// Parts of orders, by order and seller, that the files leave unpaid, and that the system has closed for that.
    lapsed: BTreeSet<(String, String)>,
}

/// What there is in the books of this currency, before anything is replayed.
pub(crate) async fn before(people: &People, auditor: &Auditor) -> Result<Books> {
    let (before, _) = books(&operator(people, auditor).await?).await?;
    Ok(before)
}

async fn operator(people: &People, auditor: &Auditor) -> Result<Person> {
    let signed_in = Person::sign_in_with(people.gateway(), &auditor.email, &auditor.password);
    signed_in
        .await
        .with_context(|| format!("signing {} in, who looks at the books", auditor.email))
}

impl Reconciliation {
    pub(crate) async fn make(files: &Files, people: &People, progress: &Progress, auditor: &Auditor) -> Result<Self> {
        let mut all = Self::default();
        all.orders(files, people, progress).await?;
        all.strays(files, people, progress).await?;
        let begun = progress.all_begun();
        let replayed = files.aside.orders().iter().filter(|order| begun.contains_key(*order)).count();
        all.add(Figure::AsideYetReplayed, 0, i64::try_from(replayed)?);
        let ours = Ours::of(files, begun);
        all.stock(files, people, &ours).await?;
        let operator = operator(people, auditor).await?;
        all.books(people, progress, &ours, &operator).await?;
        all.queues(operator).await?;
        Ok(all)
    }

    fn add(&mut self, figure: Figure, expected: i64, found: i64) {
        let both = self.figures.entry(figure).or_default();
        both.0 += expected;
        both.1 += found;
    }

    /// What could not be looked at is as good as not there.
    fn unseen<T>(&mut self, failed: &[(T, anyhow::Error)], name: impl Fn(&T) -> String) {
        self.unlike
            .extend(failed.iter().map(|(one, error)| format!("{}: {error:#}", name(one))));
    }

    async fn orders(&mut self, files: &Files, people: &People, progress: &Progress) -> Result<()> {
        let looked = each("reconciling", people.gateway(), &files.orders, |order| {
            look(people, progress, order)
        })
        .await?;
        self.unseen(&looked.failed, |order| format!("order {}", order.id));
        let mut seen: HashMap<&str, Seen> = looked.done.into_iter().map(|(order, seen)| (order.id.as_str(), seen)).collect();
        let mut rates = Rates::default();
        for (goods, fee) in seen.values().flat_map(|seen| &seen.fees) {
            rates.see(*goods, *fee);
        }
        self.fee_rate = rates.rate();
        let mut unlike = 0;
        for order in &files.orders {
            let seen = seen.remove(order.id.as_str()).unwrap_or_default();
            unlike += i64::from(!self.compare(order, &expected(order, self.fee_rate)?, &seen.figures));
            self.lapsed.extend(seen.lapsed.into_iter().map(|seller| (order.id.clone(), seller)));
        }
        self.add(Figure::OrdersUnlikeFiles, 0, unlike);
        Ok(())
    }

    /// Adds an order to the totals, and says whether it is as it should be: totals may agree where orders do not.
    fn compare(&mut self, order: &FileOrder, expected: &Figures, found: &Figures) -> bool {
        for (figure, value) in expected.iter().filter(|(figure, _)| !figure.is_detail()) {
            self.add(figure.clone(), *value, 0);
        }
        for (figure, value) in found.iter().filter(|(figure, _)| !figure.is_detail()) {
            self.add(figure.clone(), 0, *value);
        }
        let all: BTreeSet<&Figure> = expected.keys().chain(found.keys()).collect();
        let value = |figures: &Figures, figure: &Figure| figures.get(figure).copied().unwrap_or_default();
        let differs = all.into_iter().find(|figure| value(expected, figure) != value(found, figure));
        if let Some(figure) = differs {
            let written = |figures| figure.written(value(figures, figure));
            let (expected, found) = (written(expected), written(found));
            let differs = format!("order {}: {figure} {expected} in the files, {found} in the system", order.id);
            self.unlike.push(differs);
        }
        differs.is_none()
    }

    /// Orders and top-ups of the customers that came from no file: what a crash may have brought twice.
    async fn strays(&mut self, files: &Files, people: &People, progress: &Progress) -> Result<()> {
        let known = progress.knows();
        let customers: BTreeSet<&str> = files.orders.iter().map(|order| order.customer.as_str()).collect();
        let looked = each("looking for strays", people.gateway(), customers, |customer| {
            strays_of(people, customer, &known)
        });
        let looked = looked.await?;
        self.unseen(&looked.failed, |customer| format!("what customer {customer} has"));
        let strays = looked.done.into_iter().flat_map(|(_, strays)| strays);
        let strays: Vec<String> = strays.map(|id| format!("{id} is in the system and in no file")).collect();
        self.add(Figure::OfNoFile, 0, i64::try_from(strays.len() + looked.failed.len())?);
        self.unlike.extend(strays);
        Ok(())
    }

    /// What should be on each shelf: on hand is what never left, reserved is what is paid or may yet be paid, and has not left.
    fn shelves<'f>(&self, files: &'f Files) -> BTreeMap<(&'f str, &'f str), Shelf> {
        let mut shelves: BTreeMap<(&str, &str), Shelf> = BTreeMap::new();
        for order in &files.orders {
            for item in &order.items {
                let shelf = shelves.entry((&item.seller, &item.product)).or_default();
                let waits = match order.status {
                    Status::Unpaid => !self.lapsed.contains(&(order.id.clone(), item.seller.clone())),
                    Status::Paid => true,
                    Status::InTransit | Status::Completed => continue,
                    Status::Cancelled => false,
                };
                shelf.on_hand += item.quantity;
                shelf.reserved += if waits { item.quantity } else { 0 };
            }
        }
        shelves
    }

    async fn stock(&mut self, files: &Files, people: &People, ours: &Ours) -> Result<()> {
        let shelves = self.shelves(files);
        let looked = each("counting stock", people.gateway(), shelves, |((seller, product), expected)| {
            stock_of(people, seller, product, expected, ours)
        });
        let looked = looked.await?;
        self.unseen(&looked.failed, |((seller, product), _)| {
            format!("the stock of {product} at {seller}")
        });
        let missing = looked.failed.into_iter().map(|(shelf, _)| (shelf, Shelf::default()));
        let mut unlike = i64::try_from(missing.len())?;
        for ((_, expected), found) in looked.done {
            self.add(Figure::StockOnHand, expected.on_hand, found.on_hand);
            self.add(Figure::StockReserved, expected.reserved, found.reserved);
            unlike += i64::from(expected != found);
        }
        for ((_, expected), _) in missing {
            self.add(Figure::StockOnHand, expected.on_hand, 0);
            self.add(Figure::StockReserved, expected.reserved, 0);
        }
        self.add(Figure::StockUnlikeFiles, 0, unlike);
        Ok(())
    }

    /// The ledger's own totals, and whether the books are right: what providers brought is what wallets and escrow hold and what the platform earned. What
    /// was there before, and what other replays brought, is not ours.
    async fn books(&mut self, people: &People, progress: &Progress, ours: &Ours, operator: &Person) -> Result<()> {
        let (now, violations) = books(operator).await?;
        let before = progress.before().context("nobody noted what was in the books before")?;
        let mut found = now - before;
        let looked = each("other replays", people.gateway(), &ours.others, |other| {
            brought_by(people, progress, other)
        })
        .await?;
        self.unseen(&looked.failed, |(order, _)| format!("order {order} of another replay"));
        for (_, theirs) in looked.done {
            found = found - theirs;
        }
        let expected = |figure| self.figures.get(&figure).map_or(0, |(expected, _)| *expected);
        let (brought, held, earned) = (expected(Figure::Payments), expected(Figure::EscrowHeld), expected(Figure::Fees));
        let kept = expected(Figure::EscrowRefunded) + expected(Figure::EscrowReleased) - earned;
        self.add(Figure::LedgerProviders, -brought, found.provider);
        self.add(Figure::LedgerWallets, kept, found.wallet);
        self.add(Figure::LedgerEscrow, held, found.escrow);
        self.add(Figure::LedgerFees, earned, found.fees);
        self.add(Figure::LedgerViolations, 0, violations);
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
            self.add(Figure::OutboxesWaiting, 0, number(&status["outbox"], "waiting"));
            for consumer in status["consumers"].as_array().into_iter().flatten() {
                self.add(Figure::DeadLetters, 0, number(consumer, "deadLetters"));
            }
        }
        Ok(())
    }

    fn only_the_ledger_differs(&self) -> bool {
        let differs = |figure: &Figure| self.figures.get(figure).is_some_and(|(expected, found)| expected != found);
        let of_ledger = |figure: &Figure| {
            matches!(
                figure,
                Figure::LedgerProviders | Figure::LedgerWallets | Figure::LedgerEscrow | Figure::LedgerFees
            )
        };
        let (ledger, others): (Vec<_>, Vec<_>) = self
            .figures
            .keys()
            .filter(|figure| differs(figure))
            .partition(|figure| of_ledger(figure));
        !ledger.is_empty() && others.is_empty()
    }

    /// Tells every figure; false when one differs.
    pub(crate) fn tell(&self) -> bool {
        let mut rows = vec![[String::new(), "files".to_owned(), "system".to_owned(), String::new()]];
        for (figure, (expected, found)) in &self.figures {
            let name = match figure {
                Figure::Fees => format!("{figure} at {}.{:02} %", self.fee_rate / 100, self.fee_rate % 100),
                figure => figure.to_string(),
            };
            let mark = if expected == found { "" } else { "   <- differs" };
            rows.push([name, figure.written(*expected), figure.written(*found), mark.to_owned()]);
        }
        let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or_default();
        let (names, files, system) = (width(0), width(1), width(2));
        say("");
        for [name, expected, found, mark] in &rows {
            say(format_args!("{name:<names$}  {expected:>files$}  {found:>system$}{mark}"));
        }
        if !self.lapsed.is_empty() {
            say(format_args!(
                "{} of the orders PLACED were closed by now, for nobody paid in time",
                self.lapsed.len()
            ));
        }
        for differs in self.unlike.iter().take(NAMED) {
            say(differs);
        }
        if self.unlike.len() > NAMED {
            say(format_args!("and {} more", self.unlike.len() - NAMED));
        }
        if self.only_the_ledger_differs() {
            say("the ledger's lines are of everything in their currency: what others moved since the replay began is among them");
        }
        let same = self.unlike.is_empty() && self.figures.values().all(|(expected, found)| expected == found);
        say(format_args!("\nfiles and system {}", if same { "agree" } else { "differ" }));
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

/// What the file says of an order, and at this rate the platform's fee on it.
fn expected(order: &FileOrder, fee_rate: u32) -> Result<Figures> {
    let mut figures = Figures::new();
    let paid = if order.status == Status::Unpaid { 0 } else { order.paid() };
    let (held, released, refunded) = match order.status {
        Status::Unpaid => (0, 0, 0),
        Status::Paid | Status::InTransit => (paid, 0, 0),
        Status::Completed => (0, paid, 0),
        Status::Cancelled => (0, 0, paid),
    };
    let mut fees = 0;
    if order.status == Status::Completed {
        for item in &order.items {
            fees += fee_on(item.goods, fee_rate)?;
        }
    }
    let state = state(order.status).to_owned();
    for (figure, value) in [
        (Figure::Orders(state), i64::try_from(order.by_seller().len())?),
        (Figure::Goods, order.goods()),
        (Figure::Freight, order.freight()),
        (Figure::Payments, paid),
        (Figure::EscrowHeld, held),
        (Figure::EscrowReleased, released),
        (Figure::EscrowRefunded, refunded),
        (Figure::Fees, fees),
    ] {
        figures.insert(figure, value);
    }
    for item in &order.items {
        let line = Figure::Line {
            pieces: item.quantity,
            product: item.product.clone(),
            seller: item.seller.clone(),
        };
        figures.insert(line, item.goods);
    }
    let paying = order
        .payments
        .iter()
        .filter(|payment| payment.value > 0 && order.status != Status::Unpaid);
    for payment in paying {
        *figures.entry(Figure::PaymentsOf(payment.value)).or_default() += 1;
    }
    Ok(figures)
}
