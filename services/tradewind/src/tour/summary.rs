//! What the tour saw of the money, to the cent, and that it all adds up.

use anyhow::Result;
use kernel::{Currency, Money};
use serde_json::Value;

use super::{
    chapters::{
        buying::{Purchase, TOP_UP, cents},
        opening::Shop,
    },
    screen,
    stage::sees,
};
use crate::client::{Person, text};

/// An order of the tour that was paid, and who did.
pub(super) struct Paid<'a> {
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
    /// Of an escrow, in which a release includes the fee.
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

    fn row(self, what: &str) -> String {
        row(what, [self.paid, self.earned, self.fees, self.refunded, self.held].map(dollars))
    }
}

/// Tells what became of the money of these orders, of the sellers' share, and of the wallet of whoever made the purchase.
pub(super) async fn tell(orders: &[Paid<'_>], shops: [&Shop; 2], rafael: &Person, purchase: &Purchase) -> Result<()> {
    screen::heading("What became of the money");
    let mut rows = vec![row("", ["paid", "to sellers", "fees", "refunded", "in escrow"].map(str::to_owned))];
    let (mut all, mut as_sold) = (Fate::default(), true);
    for Paid { what, buyer, order } in orders {
        let path = format!("/v1/orders/{}/escrow", text(order, "id"));
        let fate = Fate::of(&buyer.client.get(&path).await?);
        rows.push(fate.row(what));
        as_sold &= fate.paid == cents(&order["total"]);
        all = all.plus(fate);
    }
    rows.push(all.row("together"));
    screen::happens("Together that is:");
    rows.into_iter().for_each(screen::line);
    sees(as_sold, "every order was paid as it was sold")?;
    sees(
        all.paid == all.earned + all.fees + all.refunded + all.held,
        "every cent is a seller's, the platform's, a buyer's again, or in escrow",
    )?;

    let mut paid_out = 0;
    for shop in shops {
        let payouts = shop.seller.client.get("/v1/payouts").await?;
        let amount: i64 = payouts["payouts"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|payout| cents(&payout["amount"]))
            .sum();
        screen::line(format!("{} was paid out {}", shop.name, dollars(amount)));
        paid_out += amount;
    }
    sees(paid_out == all.earned, "what the sellers earned is at their banks")?;

    let wallet = rafael.client.get("/v1/wallets/USD").await?;
    let (balance, spent) = (
        cents(&wallet["balance"]),
        cents(&purchase.resistors["total"]) + cents(&purchase.enclosures["total"]),
    );
    let [brought, spent_in, back, left] = [TOP_UP, spent, all.refunded, balance].map(dollars);
    sees(
        balance == TOP_UP - spent + all.refunded,
        format!("Rafael Lima brought in {brought}, spent {spent_in}, got {back} back, and has {left}"),
    )
}

fn row(what: &str, columns: [String; 5]) -> String {
    let columns: String = columns.iter().map(|column| format!("{column:>13}")).collect();
    format!("{what:<28}{columns}")
}

fn dollars(cents: i64) -> String {
    let usd: Currency = "USD".parse().expect("the dollar is a currency");
    Money::new(cents, usd).to_string()
}
