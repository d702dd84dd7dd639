//! What the tour saw of the money, to the cent, and that it all adds up.

use anyhow::Result;
use kernel::{Currency, Money};
use serde_json::Value;

use super::{chapters::buying::cents, screen, stage::sees};
use crate::client::{Person, text};

/// An order of the tour, and somebody who may see its escrow.
pub(super) struct Placed<'a> {
    pub(super) what: &'static str,
    pub(super) buyer: &'a Person,
    pub(super) order: &'a Value,
}

/// What became of the money of one order or several, in cents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Fate {
    paid: i64,
    earned: i64,
    fees: i64,
    refunded: i64,
    held: i64,
}

impl Fate {
    fn of(escrow: &Value) -> Self {
        let [held, released, refunded, fees] = ["held", "released", "refunded", "fee"].map(|part| cents(&escrow[part]));
        Self {
            paid: held + released + refunded,
            earned: released - fees,
            fees,
            refunded,
            held,
        }
    }

    fn plus(self, other: Self) -> Self {
        Self {
            paid: self.paid + other.paid,
            earned: self.earned + other.earned,
            fees: self.fees + other.fees,
            refunded: self.refunded + other.refunded,
            held: self.held + other.held,
        }
    }
}

/// Tells it as a table.
pub(super) async fn tell(placed: &[Placed<'_>]) -> Result<()> {
    screen::heading("What became of the money");
    screen::line(row("", ["paid", "to sellers", "fees", "refunded", "in escrow"].map(str::to_owned)));
    let mut all = Fate::default();
    for one in placed {
        let id = text(one.order, "id");
        let escrow = one.buyer.client.get(&format!("/v1/orders/{id}/escrow")).await?;
        let fate = Fate::of(&escrow);
        screen::line(fate.row(one.what));
        anyhow::ensure!(fate.paid == cents(&one.order["total"]), "not as told: {id} was paid in full");
        all = all.plus(fate);
    }
    screen::line(all.row("together"));
    sees(
        all.paid == all.earned + all.fees + all.refunded + all.held,
        "every cent that was paid is a seller's, the platform's, the buyer's again, or in escrow",
    )
}

impl Fate {
    fn row(self, what: &str) -> String {
        row(what, [self.paid, self.earned, self.fees, self.refunded, self.held].map(dollars))
    }
}

fn row(what: &str, columns: [String; 5]) -> String {
    let columns: String = columns.iter().map(|column| format!("{column:>14}")).collect();
    format!("{what:<28}{columns}")
}

fn dollars(cents: i64) -> String {
    let usd: Currency = "USD".parse().expect("the dollar is a currency");
    Money::new(cents, usd).to_string()
}
