//! What the system says of everything that is compared, all of it asked for anew.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    time::Duration,
};

use anyhow::{Context, Error, Result};
use tokio::time::sleep;

use super::{
    Auditor, expected, operator,
    reads::{self, Ours, Seen, StockCount},
};
use crate::{
    client::{Person, number},
    operator::Operator,
    replay::{
        files::{FileOrder, Files, Status},
        in_parallel::in_parallel,
        journal::{Books, Journal},
        people::People,
    },
};

/// How often a service is asked whether its outbox is drained.
const DRAINING: u32 = 100;

/// How often stock is counted again that an order holds which may just be closed.
const SETTLING: u32 = 50;

/// How long to wait until something is looked at again.
const PAUSE: Duration = Duration::from_millis(200);

/// What was found.
#[derive(Default)]
pub(super) struct Found<'f> {
    /// What each order of the files became, by its id; not those that could not be looked at.
    pub(super) orders: HashMap<&'f str, Seen>,
    /// How many orders that are set aside were replayed all the same, from other files.
    pub(super) replayed_yet_set_aside: usize,
    /// Orders and top-ups of the customers that came from no file: what a crash may have brought twice.
    pub(super) strays: Vec<String>,
    /// How many customers could not be asked what they have.
    pub(super) customers_unseen: usize,
    /// What there is of each product at each seller; not those that could not be counted.
    pub(super) stock: BTreeMap<(&'f str, &'f str), StockCount>,
    /// What these orders brought into the books.
    pub(super) books: Books,
    /// How many rules of the books are broken.
    pub(super) violations: i64,
    pub(super) events_waiting: i64,
    pub(super) dead_letters: i64,
    /// What could not be looked at, each with why. It is as good as not there.
    pub(super) unseen: Vec<String>,
}

impl<'f> Found<'f> {
    /// Looks at everything.
    pub(super) async fn look(files: &'f Files, people: &People, journal: &Journal, auditor: &Auditor) -> Result<Self> {
        let mut found = Self::default();
        found.orders(files.orders.iter().collect(), people, journal).await?;
        found.strays(files, people, journal).await?;
        let begun = journal.all_begun();
        let set_aside = files.set_aside.orders().iter();
        found.replayed_yet_set_aside = set_aside.filter(|order| begun.contains_key(*order)).count();
        let ours = Ours::of(files, begun);
        found.stock(files, people, journal, &ours).await?;
        let operator = operator(people, auditor).await?;
        found.books(people, journal, &ours, &operator).await?;
        found.queues(operator).await?;
        Ok(found)
    }

    /// The parts of orders, by order and seller, that the files leave unpaid, and that the system has closed for that.
    pub(super) fn lapsed(&self) -> BTreeSet<(&str, &str)> {
        let mut lapsed = BTreeSet::new();
        for (order, seen) in &self.orders {
            lapsed.extend(seen.lapsed.iter().map(|seller| (*order, seller.as_str())));
        }
        lapsed
    }

    fn unseen<T>(&mut self, failed: &[(T, Error)], name: impl Fn(&T) -> String) {
        self.unseen
            .extend(failed.iter().map(|(one, error)| format!("{}: {error:#}", name(one))));
    }

    async fn orders(&mut self, orders: Vec<&'f FileOrder>, people: &People, journal: &Journal) -> Result<()> {
        let looked = in_parallel("reconciling", people.gateway(), orders, |order| {
            reads::order(people, journal, order)
        });
        let looked = looked.await?;
        self.unseen(&looked.failed, |order| format!("order {}", order.id));
        let seen = looked.done.into_iter().map(|(order, seen)| (order.id.as_str(), seen));
        self.orders.extend(seen);
        Ok(())
    }

    async fn strays(&mut self, files: &Files, people: &People, journal: &Journal) -> Result<()> {
        let known = journal.knows();
        let customers: BTreeSet<&str> = files.orders.iter().map(|order| order.customer.as_str()).collect();
        let looked = in_parallel("looking for strays", people.gateway(), customers, |customer| {
            reads::strays(people, customer, &known)
        });
        let looked = looked.await?;
        self.unseen(&looked.failed, |customer| format!("what customer {customer} has"));
        self.customers_unseen = looked.failed.len();
        self.strays = looked.done.into_iter().flat_map(|(_, strays)| strays).collect();
        Ok(())
    }

    /// The system may close an unpaid order after we looked at it, and frees its stock a moment later: what
    /// differs is looked at again, for a while, where such an order holds it.
    async fn stock(&mut self, files: &'f Files, people: &People, journal: &Journal, ours: &Ours) -> Result<()> {
        let mut expected = expected::stock(files, &self.lapsed());
        self.count(expected.clone(), people, ours).await?;
        let unpaid: Vec<&FileOrder> = files.orders.iter().filter(|order| order.status == Status::Unpaid).collect();
        let items = unpaid.iter().flat_map(|order| &order.items);
        let held: BTreeSet<(&str, &str)> = items.map(|item| (item.seller.as_str(), item.product.as_str())).collect();
        for _ in 0..SETTLING {
            let differs = |of: &(&str, &str)| self.stock.get(of).is_some_and(|counted| *counted != expected[of]);
            let unsettled: BTreeSet<(&str, &str)> = held.iter().copied().filter(differs).collect();
            if unsettled.is_empty() {
                break;
            }
            sleep(PAUSE).await;
            self.orders(unpaid.clone(), people, journal).await?;
            expected = expected::stock(files, &self.lapsed());
            let again = expected.iter().filter(|(of, _)| unsettled.contains(*of));
            self.count(again.map(|(of, count)| (*of, *count)).collect(), people, ours).await?;
        }
        Ok(())
    }

    async fn count(&mut self, expected: BTreeMap<(&'f str, &'f str), StockCount>, people: &People, ours: &Ours) -> Result<()> {
        let looked = in_parallel("counting stock", people.gateway(), expected, |((seller, product), expected)| {
            reads::stock(people, seller, product, expected, ours)
        });
        let looked = looked.await?;
        self.unseen(&looked.failed, |((seller, product), _)| {
            format!("the stock of {product} at {seller}")
        });
        self.stock.extend(looked.done.into_iter().map(|((of, _), count)| (of, count)));
        Ok(())
    }

    /// What was in the books before, and what other replays brought, is not ours.
    async fn books(&mut self, people: &People, journal: &Journal, ours: &Ours, operator: &Person) -> Result<()> {
        let (now, violations) = reads::books(operator).await?;
        let before = journal.before().context("nobody noted what was in the books before")?;
        let looked = in_parallel("other replays", people.gateway(), &ours.others, |other| {
            reads::brought_by(people, journal, other)
        });
        let looked = looked.await?;
        self.unseen(&looked.failed, |(order, _)| format!("order {order} of another replay"));
        let brought = looked.done.into_iter().map(|(_, theirs)| theirs);
        (self.books, self.violations) = (brought.fold(now - before, |books, theirs| books - theirs), violations);
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
                sleep(PAUSE).await;
                status = operator.status(&service).await?;
            }
            self.events_waiting += number(&status["outbox"], "waiting");
            let consumers = status["consumers"].as_array().into_iter().flatten();
            self.dead_letters += consumers.map(|consumer| number(consumer, "deadLetters")).sum::<i64>();
        }
        Ok(())
    }
}
