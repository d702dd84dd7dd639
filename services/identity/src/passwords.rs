//! Passwords: Argon2id on threads of its own, a bounded number at a time. A bounded number waits for that, about a second; more are sent away at once,
//! because in a queue without an end nobody's turn would come in time.

use std::sync::Arc;

use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version, password_hash::phc::PasswordHash};
use runtime::Problem;
use tokio::{sync::Semaphore, task};

/// How many passwords are looked at or wait for it.
const PLACES: usize = 256;

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
    pub(crate) fn new(memory_kib: u32, passes: u32) -> Result<Self, String> {
        let params = Params::new(memory_kib, passes, 1, None).map_err(|error| format!("identity.argon2: {error}"))?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let nobody = argon2
            .hash_password(b"nobody's password")
            .map_err(|error| error.to_string())?
            .to_string()
            .into();
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Ok(Self {
            argon2,
            turns: Arc::new(Semaphore::new(cores)),
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
    use futures::future::join_all;

    use super::*;

    #[tokio::test]
    async fn a_queue_has_an_end_and_is_served_to_it() {
        let passwords = Passwords::new(8, 1).unwrap();
        let hash = passwords.hash("a password".to_owned()).await.unwrap();
        let tries = (0..PLACES + 50).map(|_| passwords.verify("a password".to_owned(), Some(hash.clone())));
        let outcomes = join_all(tries).await;
        let right = outcomes.iter().filter(|outcome| **outcome == Ok(true)).count();
        let sent_away = outcomes.iter().filter(|outcome| **outcome == Err(Crowded)).count();
        assert_eq!((right, sent_away), (PLACES, 50));
        assert_eq!(passwords.verify("another".to_owned(), Some(hash)).await, Ok(false));
    }
}
