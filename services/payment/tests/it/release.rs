//! Order's facts move what escrow holds, once, whatever comes twice or in another order.

use harness::{Outbox, databases, until};
use kernel::{OrganisationId, PaymentId};
use proto::order::v1::OrderChanged;

use crate::setting::{Setting, order, organisation, payment_id, wallet};

/// Order's outbox, without the rest of order.
pub(crate) struct Order(Outbox);

impl Order {
    pub(crate) async fn beside(setting: &Setting) -> Self {
        Self(Outbox::of("order", &setting.nats).await)
    }

    pub(crate) async fn tell(&self, subject: &'static str, order: kernel::OrderId, buyer: OrganisationId, seller: OrganisationId) {
        let body = OrderChanged {
            order_id: order.to_string(),
            buyer_id: buyer.to_string(),
            seller_id: seller.to_string(),
            ..OrderChanged::default()
        };
        self.0.tell(subject, order, &body).await;
    }
}

async fn paid(setting: &Setting, amount: i64) -> kernel::OrderId {
    let payment = payment_id();
    pay(setting, payment, amount).await;
    order(payment, 0)
}

async fn pay(setting: &Setting, payment: PaymentId, amount: i64) {
    let buyer = organisation(1);
    setting.top_up(buyer, "", amount, "tok_visa").await.unwrap();
    setting.open(payment, buyer, &[(organisation(2), amount)]).await.unwrap();
    setting.confirm(buyer, payment, "", wallet()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_pays_the_seller_less_the_fee_once() {
    for database in databases().await {
        let setting = Setting::on(database).await;
        let order = paid(&setting, 4_000).await;
        let other = Order::beside(&setting).await;
        for subject in ["order.v1.accepted", "order.v1.accepted", "order.v1.refund_requested"] {
            other.tell(subject, order, organisation(1), organisation(2)).await;
        }
        setting.has(organisation(2), 3_900).await;
        let last = paid(&setting, 40).await;
        other.tell("order.v1.accepted", last, organisation(1), organisation(2)).await;
        setting.has(organisation(2), 3_939).await;
        assert_eq!(setting.escrow(organisation(1), order).await.unwrap(), (0, 4_000, 0));
        assert_eq!(setting.wallet(organisation(1)).await.0, 0);
        setting.books_are_right().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn escrowed_money_goes_to_its_own_seller_whomever_an_event_names() {
    for database in databases().await {
        let setting = Setting::on(database).await;
        let order = paid(&setting, 4_000).await;
        let other = Order::beside(&setting).await;
        other.tell("order.v1.accepted", order, organisation(1), organisation(3)).await;
        setting.has(organisation(2), 3_900).await;
        assert_eq!(setting.wallet(organisation(3)).await.0, 0);
        setting.books_are_right().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_returns_everything_and_nothing_is_left_to_release() {
    for database in databases().await {
        let setting = Setting::on(database).await;
        let order = paid(&setting, 4_000).await;
        let other = Order::beside(&setting).await;
        for subject in ["order.v1.refund_requested", "order.v1.accepted", "order.v1.refund_requested"] {
            other.tell(subject, order, organisation(1), organisation(2)).await;
        }
        setting.has(organisation(1), 4_000).await;
        assert_eq!(setting.escrow(organisation(2), order).await.unwrap(), (0, 0, 4_000));
        assert_eq!(setting.wallet(organisation(2)).await.0, 0);
        setting.books_are_right().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_escrow_that_says_something_else_than_the_ledger_is_told_by_the_books() {
    const TOLD: &str = "an escrow holds what its account in the ledger does: violated 1 times";
    for database in databases().await {
        let setting = Setting::on(database).await;
        let (kept, refunded) = (paid(&setting, 4_000).await, paid(&setting, 300).await);
        let other = Order::beside(&setting).await;
        other
            .tell("order.v1.refund_requested", refunded, organisation(1), organisation(2))
            .await;
        setting.has(organisation(1), 300).await;
        setting.books_are_right().await;

        setting
            .database
            .execute("UPDATE escrows SET version = version + 1, refunded = 1 WHERE funded = 4000")
            .await;
        assert_eq!(setting.escrow(organisation(1), kept).await.unwrap(), (3_999, 0, 1));
        assert_eq!(setting.violations().await, [TOLD]);
        setting
            .database
            .execute("UPDATE escrows SET version = version + 1, refunded = 0 WHERE funded = 4000")
            .await;
        setting.books_are_right().await;
        setting.database.execute("DELETE FROM escrows WHERE funded = 300").await;
        assert_eq!(setting.violations().await, [TOLD]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_order_decides_before_the_money_is_there_is_done_when_it_is() {
    for database in databases().await {
        let setting = Setting::on(database).await;
        let other = Order::beside(&setting).await;
        let (accepted, refunded) = (payment_id(), payment_id());
        // The first counts, as it would if the money were there, and the order that is told last shows that all were heard.
        for (payment, subjects) in [
            (accepted, ["order.v1.accepted", "order.v1.accepted", "order.v1.refund_requested"]),
            (
                refunded,
                ["order.v1.refund_requested", "order.v1.accepted", "order.v1.refund_requested"],
            ),
        ] {
            for subject in subjects {
                other.tell(subject, order(payment, 0), organisation(1), organisation(2)).await;
            }
        }
        until("every fact is digested", || async { setting.database.count("causes").await == 6 }).await;
        assert_eq!(setting.database.count("instructions").await, 2);
        pay(&setting, accepted, 4_000).await;
        pay(&setting, refunded, 300).await;
        until("both are done", || async {
            (setting.wallet(organisation(1)).await.0, setting.wallet(organisation(2)).await.0) == (300, 3_900)
        })
        .await;
        for (payment, expected) in [(accepted, (0, 4_000, 0)), (refunded, (0, 0, 300))] {
            assert_eq!(setting.escrow(organisation(1), order(payment, 0)).await.unwrap(), expected);
        }
        assert_eq!(setting.database.count("dead_letters").await, 0);
        setting.books_are_right().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instruction_from_before_the_money_comes_first_though_another_fact_finds_the_money_first() {
    for database in databases().await {
        let setting = Setting::on(database).await;
        let other = Order::beside(&setting).await;
        let payment = payment_id();
        other
            .tell("order.v1.accepted", order(payment, 0), organisation(1), organisation(2))
            .await;
        until("the instruction is remembered", || async {
            setting.database.count("instructions").await == 1
        })
        .await;
        // Nobody looks for the escrow any more.
        setting.database.execute("DELETE FROM timers WHERE kind = 'look_for_escrow'").await;
        pay(&setting, payment, 4_000).await;
        other
            .tell("order.v1.refund_requested", order(payment, 0), organisation(1), organisation(2))
            .await;
        setting.has(organisation(2), 3_900).await;
        assert_eq!(setting.wallet(organisation(1)).await.0, 0);
        setting.books_are_right().await;
    }
}
