//! The service ends around a write of its own: the first of a checkout, which writes it down, or the last, which decides it. Another
//! instance takes over, and the client asks the same of it.
//!
//! On PostgreSQL a write goes over a line, which loses it or its answer. SQLite is in the process itself, and what it
//! has not committed ends with it; so there the service ends between the two writes (in `crashes`, where the calls next
//! to them hang) and after the last one, which the client never heard of.

use futures::future::join_all;
use harness::{Database, Line, Loss, reason, until};
use kernel::{OrganisationId, VariantId};
use proto::order::v1::{Checkout, CreateCheckoutRequest};
use tonic::Status;
use tonic_types::StatusExt;

use crate::{
    crashes::assert_consistent,
    peers::Fault,
    world::{World, address, organisation, quick, request, worlds},
};

/// A write of a checkout.
#[derive(Clone, Copy)]
struct Write {
    /// What nobody says to the database before it.
    words: &'static str,
    /// What has one row once it is carried out, and none before.
    row: &'static str,
    /// Whether payment has refused the intent on the way there.
    refused: bool,
}

/// It says who gets the goods, as the requests of these tests do.
const FIRST: Write = Write {
    words: "A. Buyer",
    row: "checkouts",
    refused: false,
};

/// Both kinds of last writes.
const LAST: [Write; 2] = [
    Write {
        words: "order.v1.placed",
        row: "outbox WHERE subject = 'order.v1.placed'",
        refused: false,
    },
    Write {
        words: "order.v1.checkout_failed",
        row: "outbox WHERE subject = 'order.v1.checkout_failed'",
        refused: true,
    },
];

/// Nobody but the crash ends a step, and nobody but the client goes on.
fn patient() -> order::Config {
    order::Config {
        step_timeout_ms: 60_000,
        saga_recovery_s: 600,
        ..quick()
    }
}

/// A buyer who wishes for two of ten pieces.
struct Purchase {
    buyer: OrganisationId,
    variant: VariantId,
    wish: CreateCheckoutRequest,
}

impl Purchase {
    /// Which will come to this write.
    fn towards(world: &World, write: Write) -> Self {
        if write.refused {
            world.payment.faults.plan("OpenIntent", [Fault::Refuse]);
        }
        let variant = world.goods(organisation(), 10, 10);
        Self {
            buyer: organisation(),
            variant,
            wish: request("key", &[(variant, 2)]),
        }
    }

    /// Asks another instance twice: there is one checkout, decided once, and whoever asks is told what became of it.
    async fn ends(&self, world: &World, write: Write) -> (String, String) {
        let instance = world.instance(patient()).await;
        let client = instance.client(self.buyer);
        let told = outcome(client.check_out(self.wish.clone()).await);
        assert_eq!(outcome(client.check_out(self.wish.clone()).await), told);
        assert_eq!(assert_consistent(world, &client, self.variant).await, !write.refused);
        assert_eq!(told.0, world.logistics.holds()[0].0);
        assert_eq!(world.database.count("checkouts").await, 1);
        for last in LAST {
            assert_eq!(world.database.count(last.row).await, i64::from(last.refused == write.refused));
        }
        world.rests().await;
        told
    }
}

/// Which checkout it is, and what became of it.
fn outcome(answer: Result<Checkout, Status>) -> (String, String) {
    match answer {
        Ok(checkout) => (checkout.id.clone(), checkout.state().as_str_name().to_owned()),
        Err(status) => {
            let mut about = status.get_details_error_info().unwrap().metadata;
            (about.remove("checkout_id").unwrap_or_default(), reason(&status))
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_was_lost_and_one_that_nobody_heard_of_come_to_one_checkout() {
    assert_eq!(address().recipient, FIRST.words);
    let writes = [FIRST].into_iter().chain(LAST);
    let cases = writes.flat_map(|write| [Loss::Words, Loss::Answers].map(|loss| crash_at(write, loss)));
    // All at once, because each waits until nobody holds the outbox for the one that ended.
    join_all(cases).await;
}

async fn crash_at(write: Write, loss: Loss) {
    let Some(database) = Database::postgres().await else { return };
    let (database, line) = database.by_a_line().await;
    let world = World::around(database).await;
    let purchase = Purchase::towards(&world, write);
    let instance = world.instance(patient()).await;
    line.lose(loss, write.words);
    let client = instance.client(purchase.buyer);
    let wish = purchase.wish.clone();
    let asked = tokio::spawn(async move { client.check_out(wish).await });
    until("the write is on its way", || async { line.has_lost() }).await;
    let carried_out = i64::from(loss == Loss::Answers);
    until("it is carried out, if it arrives", || async {
        world.database.count(write.row).await == carried_out
    })
    .await;
    instance.crash();
    assert!(asked.await.unwrap().is_err(), "the client loses its connection");
    assert_eq!(world.database.count(write.row).await, carried_out);
    let told = purchase.ends(&world, write).await;
    let expected = match (write.refused, loss) {
        (false, Loss::Words | Loss::Answers) => "CHECKOUT_STATE_OPEN",
        // It is taken back again, and its stock was released already.
        (true, Loss::Words) => "RESERVATION_REFUSED",
        (true, Loss::Answers) => "PAYMENT_REFUSED",
    };
    assert_eq!(told.1, expected, "{} {loss:?}", write.words);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_never_heard_how_its_checkout_was_decided_asks_again_and_hears_it() {
    for write in LAST {
        for world in worlds().await {
            let purchase = Purchase::towards(&world, write);
            let instance = world.instance(patient()).await;
            let line = Line::to(instance.address()).await;
            line.lose(Loss::Answers, &purchase.wish.request_id);
            let client = instance.client_at(line.address(), purchase.buyer);
            let wish = purchase.wish.clone();
            let asked = tokio::spawn(async move { client.check_out(wish).await });
            until("payment is asked", || async { !world.payment.intents().is_empty() }).await;
            until("the checkout is decided", || async { world.database.count(write.row).await == 1 }).await;
            assert!(line.has_lost() && !asked.is_finished());
            instance.crash();
            assert!(asked.await.unwrap().is_err(), "the client loses its connection");
            let told = purchase.ends(&world, write).await;
            let expected = if write.refused { "PAYMENT_REFUSED" } else { "CHECKOUT_STATE_OPEN" };
            assert_eq!(told.1, expected);
        }
    }
}
