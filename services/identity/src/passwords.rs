//! Passwords: Argon2id on threads of its own, a bounded number at a time. A bounded number waits for that, about a second; more are sent
//! away at once, because in a queue without an end nobody's turn would come in time.

use std::sync::Arc;

use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version, password_hash::phc::PasswordHash};
use runtime::Problem;
use tokio::{sync::Semaphore, task};

/// How many passwords are looked at or wait for it.
const PLACES: usize = 256;

/// How many are looked at at once where nobody says otherwise, if there are as many cores.
const AT_ONCE: usize = 8;

/// Too many wait already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Crowded;

impl From<Crowded> for Problem {
    fn from(_: Crowded) -> Self {
        Self::unavailable("too many people sign in or register now; try again in a moment")
    }
}

/// Hashes and verifies. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Passwords {
    argon2: Argon2<'static>,
    turns: Arc<Semaphore>,
    places: Arc<Semaphore>,
    /// The hash of no password: verifying against it takes as long as against a real one.
    nobody: Arc<str>,
}

impl Passwords {
    /// Looks at so many passwords at once, or at one for each core and at most [`AT_ONCE`].
    pub(crate) fn new(memory_kib: u32, passes: u32, at_once: Option<usize>) -> Result<Self, String> {
        let params = Params::new(memory_kib, passes, 1, None).map_err(|error| format!("identity.argon2: {error}"))?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let nobody = argon2
            .hash_password(b"nobody's password")
            .map_err(|error| error.to_string())?
            .to_string()
            .into();
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let at_once = at_once.unwrap_or(cores.min(AT_ONCE));
        if !(1..=PLACES).contains(&at_once) {
            return Err(format!("identity.argon2_at_once: must be between 1 and {PLACES}"));
        }
        Ok(Self {
            argon2,
            turns: Arc::new(Semaphore::new(at_once)),
            places: Arc::new(Semaphore::new(PLACES)),
            nobody,
        })
    }

    /// The PHC string to store.
    pub(crate) async fn hash(&self, password: String) -> Result<String, Crowded> {
        self.take_turn(move |argon2| {
            argon2
                .hash_password(password.as_bytes())
                .expect("the parameters were checked")
                .to_string()
        })
        .await
    }

    /// Whether it is the password. Without a stored hash it is not, and takes as long to find out.
    pub(crate) async fn verify(&self, password: String, stored: Option<String>) -> Result<bool, Crowded> {
        let known = stored.is_some();
        let stored = stored.unwrap_or_else(|| self.nobody.to_string());
        let verify = move |argon2: &Argon2<'_>| {
            PasswordHash::new(&stored).is_ok_and(|hash| argon2.verify_password(password.as_bytes(), &hash).is_ok())
        };
        Ok(self.take_turn(verify).await? && known)
    }

    async fn take_turn<T: Send + 'static>(&self, work: impl FnOnce(&Argon2<'_>) -> T + Send + 'static) -> Result<T, Crowded> {
        let _place = self.places.try_acquire().map_err(|_| Crowded)?;
        let turn = Arc::clone(&self.turns)
            .acquire_owned()
            .await
            .expect("the semaphore is never closed");
        let argon2 = self.argon2.clone();
        let working = task::spawn_blocking(move || {
            let _turn = turn;
            work(&argon2)
        });
        Ok(working.await.expect("hashing does not panic"))
    }
}

#[cfg(test)]
mod tests {
    use std::{
        pin::pin,
        sync::{
            Barrier,
            atomic::{AtomicUsize, Ordering},
        },
    };

    use futures::{FutureExt, future::join_all};

    use super::*;

    #[tokio::test]
    async fn a_queue_has_an_end_and_is_served_to_it() {
        let passwords = Passwords::new(8, 1, Some(1)).unwrap();
        let hash = passwords.hash("a password".to_owned()).await.unwrap();
        let tries = (0..PLACES + 50).map(|_| passwords.verify("a password".to_owned(), Some(hash.clone())));
        let mut tries = pin!(join_all(tries));
        // Nobody has a turn before everybody has come.
        let turn = passwords.turns.acquire().await.unwrap();
        assert!((&mut tries).now_or_never().is_none());
        drop(turn);
        let outcomes = tries.await;
        let right = outcomes.iter().filter(|outcome| **outcome == Ok(true)).count();
        let sent_away = outcomes.iter().filter(|outcome| **outcome == Err(Crowded)).count();
        assert_eq!((right, sent_away), (PLACES, 50));
        assert_eq!(passwords.verify("another".to_owned(), Some(hash)).await, Ok(false));
    }

    #[tokio::test]
    async fn no_more_are_looked_at_at_once_than_there_is_memory_for() {
        let passwords = Passwords::new(8, 1, Some(2)).unwrap();
        let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        // Each waits for another one to be at work.
        let pair = Arc::new(Barrier::new(2));
        let looks = (0..40).map(|_| {
            let (running, most, pair) = (Arc::clone(&running), Arc::clone(&most), Arc::clone(&pair));
            passwords.take_turn(move |_| {
                most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                pair.wait();
                running.fetch_sub(1, Ordering::SeqCst);
            })
        });
        assert!(join_all(looks).await.iter().all(Result::is_ok));
        assert_eq!(most.load(Ordering::SeqCst), 2);
        assert!(Passwords::new(8, 1, Some(0)).is_err_and(|error| error.starts_with("identity.argon2_at_once: ")));
    }
}
