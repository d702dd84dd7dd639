//! Single questions to the system, asked through the gateway: about an order,
//! of the books, of a product's stock, and which of it is of these files.

use std::collections::{BTreeSet, HashMap, HashSet};

use anyhow::{Context, Result};
use reqwest::StatusCode;
use serde_json::Value;

use super::figures::{CURRENCY, Figure, Figures};
use crate::{
    client::{Error, Person, number, text},
    replay::{
        files::{FileOrder, Files, Status},
        journal::{Begun, Books, Journal},
        orders::RECEIVED_FOR,
        people::People,
    },
};

/// Why the system closes orders that nobody paid in time.
const UNPAID: &str = "PAYMENT_TIMEOUT";

/// What the system says of an order of the files.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) figures: Figures,
    /// Goods and the fee on them, in cents, as each line was sold.
    pub(super) fees: Vec<(i64, i64)>,
    /// The sellers whose part the files leave unpaid, and which the system has closed for that.
    pub(super) lapsed: BTreeSet<String>,
}

/// Pieces of one product at one seller.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct StockCount {
    pub(super) on_hand: i64,
    pub(super) reserved: i64,
}

/// Which orders are of these files, and which other replays brought.
pub(super) struct Ours {
    files: HashSet<String>,
    placed: HashSet<String>,
    /// Each by its id in its files.
    pub(super) others: Vec<(String, Begun)>,
}

impl Ours {
    pub(super) fn of(files: &Files, begun: HashMap<String, Begun>) -> Self {
        let of_files: HashSet<String> = files.orders.iter().map(|order| order.id.clone()).collect();
        let (ours, others): (Vec<_>, Vec<_>) = begun.into_iter().partition(|(order, _)| of_files.contains(order));
        let placed = ours.into_iter().flat_map(|(_, begun)| begun.placed);
        Self {
            files: of_files,
            placed: placed.map(|(id, _)| id).collect(),
            others,
        }
    }

    /// Whether stock moved for an order that is not of these files, or was received for one.
    fn is_of_others(&self, order: &str, note: &str) -> bool {
        let received_for = note.strip_prefix(RECEIVED_FOR);
        (!order.is_empty() && !self.placed.contains(order)) || received_for.is_some_and(|order| !self.files.contains(order))
    }
}

/// Looks at what an order of the files became.
pub(super) async fn order(people: &People, journal: &Journal, order: &FileOrder) -> Result<Seen> {
    let mut seen = Seen::default();
    let Some(begun) = journal.begun(&order.id) else { return Ok(seen) };
    let buyer = people.customer(&begun.customer).await?;
    for (id, _) in &begun.placed {
        let placed = buyer.order(id).await?;
        let lapsed = order.status == Status::Unpaid && text(&placed, "cancelReason") == UNPAID;
        for line in placed["lines"].as_array().into_iter().flatten() {
            let (seller, product) = people.sells(&text(line, "variantId")).await;
            let net = cents(&line["net"]);
            if lapsed {
                seen.lapsed.insert(seller.clone());
            }
            let pieces = number(line, "quantity");
            seen.find(Figure::Line { pieces, product, seller }, net);
            seen.find(Figure::Goods, net);
            seen.fees.push((net, cents(&line["fee"])));
        }
        // Whoever never pays has an order that waits until it is closed.
        let state = if lapsed { "PLACED".to_owned() } else { state_of(&placed) };
        seen.find(Figure::Orders(state), 1);
        seen.find(Figure::Freight, cents(&placed["freight"]));
        let escrow = escrow(&buyer, id).await?;
        for (figure, field) in [
            (Figure::EscrowHeld, "held"),
            (Figure::EscrowReleased, "released"),
            (Figure::EscrowRefunded, "refunded"),
            (Figure::Fees, "fee"),
        ] {
            seen.find(figure, cents(&escrow[field]));
        }
    }
    for id in journal.top_ups(&order.id) {
        let topped = topped_up(&buyer, &id).await?;
        if topped > 0 {
            seen.find(Figure::Payments, topped);
            seen.find(Figure::PaymentsOf(topped), 1);
        }
    }
    Ok(seen)
}

impl Seen {
    fn find(&mut self, figure: Figure, value: i64) {
        *self.figures.entry(figure).or_default() += value;
    }
}

fn state_of(order: &Value) -> String {
    text(order, "state").trim_start_matches("ORDER_STATE_").to_owned()
}

/// An order's escrow; nothing when it was never paid.
async fn escrow(buyer: &Person, order: &str) -> Result<Value, Error> {
    match buyer.client.get(&format!("/v1/orders/{order}/escrow")).await {
        Err(Error::Problem(problem)) if problem.status == StatusCode::NOT_FOUND => Ok(Value::Null),
        escrow => escrow,
    }
}

/// What another replay's order brought into the books.
pub(super) async fn brought_by(people: &People, journal: &Journal, (order, begun): &(String, Begun)) -> Result<Books> {
    let buyer = people.customer(&begun.customer).await?;
    let mut theirs = Books::default();
    for (id, _) in &begun.placed {
        let escrow = escrow(&buyer, id).await?;
        let (held, fee) = (cents(&escrow["held"]), cents(&escrow["fee"]));
        theirs.escrow += held;
        theirs.fees += fee;
        // What was paid has left the buyer's wallet, and is in it again or in the seller's but for what is held and what the platform kept.
        theirs.wallet -= held + fee;
    }
    for id in journal.top_ups(order) {
        let topped = topped_up(&buyer, &id).await?;
        theirs.wallet += topped;
        theirs.provider -= topped;
    }
    Ok(theirs)
}

/// What a top-up brought, in cents.
async fn topped_up(buyer: &Person, id: &str) -> Result<i64> {
    let payment = buyer.client.get(&format!("/v1/payments/{id}")).await?;
    Ok(if has_succeeded(&payment) { cents(&payment["amount"]) } else { 0 })
}

fn has_succeeded(payment: &Value) -> bool {
    text(payment, "state") == "PAYMENT_STATE_SUCCEEDED"
}

/// What a customer has in the system that no replay knows of: orders, and top-ups that brought money.
pub(super) async fn strays(people: &People, customer: &str, known: &HashSet<String>) -> Result<Vec<String>> {
    let buyer = people.customer(customer).await?;
    let mut strays = Vec::new();
    for list in ["orders", "payments"] {
        for one in buyer.client.list(&format!("/v1/{list}"), list).await? {
            let counts = list == "orders" || (text(&one, "checkoutId").is_empty() && has_succeeded(&one));
            let id = text(&one, "id");
            if counts && !known.contains(&id) {
                strays.push(id);
            }
        }
    }
    Ok(strays)
}

/// What the books hold in this currency, and how many of their rules are broken.
pub(super) async fn books(operator: &Person) -> Result<(Books, i64)> {
    let balance = operator.client.get("/v1/ledger/trialBalance").await.context("the trial balance")?;
    let lines = balance["lines"].as_array().into_iter().flatten();
    let mut books = Books::default();
    for line in lines.filter(|line| text(line, "currency") == CURRENCY) {
        let net = number(line, "creditsPosted") - number(line, "debitsPosted");
        match text(line, "accountKind").as_str() {
            "wallet" => books.wallet += net,
            "provider" => books.provider += net,
            "escrow" => books.escrow += net,
            "fees" => books.fees += net,
            _ => {}
        }
    }
    let violations = balance["violations"].as_array().map_or(0, Vec::len);
    Ok((books, i64::try_from(violations)?))
}

/// What there is of a product at a seller, without what other orders than ours did to it.
pub(super) async fn stock(people: &People, seller: &str, product: &str, expected: StockCount, ours: &Ours) -> Result<StockCount> {
    let person = people.seller(seller).await?;
    let variant = people.variant(seller, product).await?;
    let stock = person.client.get(&format!("/v1/stock/{variant}")).await?;
    let mut count = StockCount {
        on_hand: number(&stock, "onHand"),
        reserved: number(&stock, "reserved"),
    };
    // Most products are in one folder only, and their movements need no look.
    if count == expected {
        return Ok(count);
    }
    for movement in person.client.list(&format!("/v1/stock/{variant}/movements"), "movements").await? {
        if ours.is_of_others(&text(&movement, "orderId"), &text(&movement, "note")) {
            count.on_hand -= number(&movement, "onHandChange");
            count.reserved -= number(&movement, "reservedChange");
        }
    }
    Ok(count)
}

fn cents(value: &Value) -> i64 {
    number(value, "minorUnits")
}
