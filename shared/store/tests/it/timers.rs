//! Timers run when they are due, again when they fail, and not after they were taken back.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use harness::{databases, until};
use kernel::{Clock, LedgerAccountId, OrganisationId, Time};
use store::{Cause, Keys, Options, Store, Timer, Timers};
use uuid::Uuid;

use crate::account::{Migrator, Overdrawn, clock};

#[tokio::test]
async fn a_due_timer_runs_until_it_succeeds() {
    for database in databases().await {
        let clock = clock();
        let store = Store::open::<Migrator>(database.url(), Options::new(clock.clone())).await.unwrap();
        let id = LedgerAccountId::at(Time::from_micros(0));
        let due = clock.now().plus(Duration::from_secs(60));
        let cause = Cause::request(OrganisationId::from_uuid(Uuid::nil()), "Set", "", &());
        store
            .execute::<(), Overdrawn, _>(cause, Keys::new(), move |work| {
                work.schedule(Timer::new("ring", id, due));
                work.schedule(Timer::new("never", id, due));
                work.unschedule("never", id);
                Ok(())
            })
            .await
            .unwrap();

        let (rings, nevers) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
        let (ring, never) = (Arc::clone(&rings), Arc::clone(&nevers));
        let timers = Timers::new(&store)
            .on("ring", move |_| {
                let rung = ring.fetch_add(1, Ordering::SeqCst);
                async move { if rung < 2 { Err("not yet") } else { Ok(()) } }
            })
            .on("never", move |_| {
                never.fetch_add(1, Ordering::SeqCst);
                async { Ok::<_, String>(()) }
            });
        let running = tokio::spawn(timers.run());
        assert_eq!(rings.load(Ordering::SeqCst), 0);
        until("the timer succeeds at its third try", || {
            clock.advance(Duration::from_secs(61));
            async { rings.load(Ordering::SeqCst) == 3 }
        })
        .await;
        assert_eq!(nevers.load(Ordering::SeqCst), 0);
        running.abort();
    }
}

#[tokio::test]
async fn a_timer_that_takes_long_keeps_no_other_one_waiting() {
    for database in databases().await {
        let clock = clock();
        let store = Store::open::<Migrator>(database.url(), Options::new(clock.clone())).await.unwrap();
        let id = LedgerAccountId::at(Time::from_micros(0));
        let [first, second] = [60, 120].map(|seconds| clock.now().plus(Duration::from_secs(seconds)));
        store
            .execute::<(), Overdrawn, _>(Cause::step("set", id), Keys::new(), move |work| {
                work.schedule(Timer::new("endless", id, first));
                work.schedule(Timer::new("ring", id, second));
                Ok(())
            })
            .await
            .unwrap();
        let (begun, rings) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
        let (begin, ring) = (Arc::clone(&begun), Arc::clone(&rings));
        let timers = Timers::new(&store)
            .on("endless", move |_| {
                begin.fetch_add(1, Ordering::SeqCst);
                std::future::pending::<Result<(), String>>()
            })
            .on("ring", move |_| {
                ring.fetch_add(1, Ordering::SeqCst);
                async { Ok::<_, String>(()) }
            });
        let running = tokio::spawn(timers.run());
        clock.advance(Duration::from_secs(61));
        until("one is at work", || async { begun.load(Ordering::SeqCst) == 1 }).await;
        assert_eq!(rings.load(Ordering::SeqCst), 0);
        clock.advance(Duration::from_secs(60));
        until("the other one runs beside it", || async { rings.load(Ordering::SeqCst) == 1 }).await;
        running.abort();
    }
}
