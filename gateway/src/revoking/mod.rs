//! Which access tokens prove nothing any more before they expire: those of sessions that have ended, of
//! passwords that were replaced and of memberships that have changed since.
//!
//! A token says by which session, which password and which version of a membership it was issued, and identity tells which of them are
//! over. So no clock decides whether a token came before or after. What was revoked is remembered for as long as a token may live that it
//! concerns. Services believe a token until it expires: clients come to them through here only.

mod follow;
mod known;

use std::{
    sync::{
        Arc, RwLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use events::Event;
use kernel::Time;
use runtime::auth::Principal;
use tokio::{sync::watch, time::timeout};

use self::known::Known;

/// How long a request waits until it is known what was revoked.
const PATIENCE: Duration = Duration::from_secs(2);

/// Why a token that was verified is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Disbelief {
    /// It was revoked.
    Revoked,
    /// It is not known yet what was revoked before the process began.
    Unknown,
}

/// What is revoked. Cheap to clone.
#[derive(Clone)]
pub struct Revocations {
    inner: Arc<Inner>,
}

struct Inner {
    /// Whether a token has to be looked up at all. Most of the time nothing is revoked, and then this is all that is read.
    look: AtomicBool,
    known: RwLock<Known>,
    /// Whether everything is known that was revoked before the process began. Every change is told to the streams that are open.
    complete: watch::Sender<bool>,
    /// Whether it is heard what is revoked from now on.
    followed: AtomicBool,
}

impl Revocations {
    /// Nothing is known yet, so no token is believed: see [`follow`](Self::follow).
    pub fn unknown() -> Self {
        Self::new(false)
    }

    /// Nothing is ever revoked: for a gateway in a test, before a service that issues no tokens.
    pub fn none() -> Self {
        Self::new(true)
    }

    fn new(complete: bool) -> Self {
        Self {
            inner: Arc::new(Inner {
                look: AtomicBool::new(!complete),
                known: RwLock::default(),
                complete: watch::Sender::new(complete),
                followed: AtomicBool::new(complete),
            }),
        }
    }

    /// Whether a token that was verified is still to be believed.
    ///
    /// # Errors
    /// One that was revoked, and any while it is not known what was.
    pub(crate) async fn believes(&self, principal: &Principal) -> Result<(), Disbelief> {
        if !self.inner.look.load(Ordering::Acquire) {
            return Ok(());
        }
        if !self.is_complete() {
            let mut complete = self.inner.complete.subscribe();
            let known = timeout(PATIENCE, complete.wait_for(|complete| *complete)).await;
            known.map_err(|_| Disbelief::Unknown)?.map_err(|_| Disbelief::Unknown)?;
        }
        if self.has(principal) { Err(Disbelief::Revoked) } else { Ok(()) }
    }

    /// Returns once a token is revoked that was believed when it came.
    pub(crate) async fn revoked(&self, principal: &Principal) {
        let mut news = self.inner.complete.subscribe();
        while !self.has(principal) {
            news.changed().await.expect("its sender is ours");
        }
    }

    /// Whether everything is known that was revoked before the process began.
    pub(crate) fn is_complete(&self) -> bool {
        *self.inner.complete.borrow()
    }

    /// Whether it is heard what is revoked from now on.
    pub(crate) fn is_followed(&self) -> bool {
        self.inner.followed.load(Ordering::Relaxed)
    }

    fn has(&self, principal: &Principal) -> bool {
        self.inner.known.read().expect("no holder of this lock panics").has(principal)
    }

    /// Takes in what identity told; each is remembered until its time and this much later.
    fn hear<'e>(&self, events: impl Iterator<Item = &'e Event>, life: Duration) {
        let mut known = self.inner.known.write().expect("no holder of this lock panics");
        for event in events {
            if let Err(error) = known.hear(event, event.time.plus(life)) {
                tracing::error!(subject = event.subject, %error, "it cannot be read what was revoked");
            }
        }
        self.look_if_any(&known);
    }

    /// Forgets what no token that lives can have been issued by.
    fn forget(&self, now: Time) {
        let mut known = self.inner.known.write().expect("no holder of this lock panics");
        known.forget(now);
        self.look_if_any(&known);
    }

    fn look_if_any(&self, known: &Known) {
        let look = !self.is_complete() || !known.is_empty();
        self.inner.look.store(look, Ordering::Release);
    }

    /// Everything has come that was there, or something new.
    fn tell(&self) {
        self.inner.complete.send_replace(true);
        self.look_if_any(&self.inner.known.read().expect("no holder of this lock panics"));
    }
}
