//! Many things side by side. One that fails keeps no other from being done, and is tried once more when the others are: what was down may
//! be up again. Only when the gateway is gone for good, it ends.

use std::future::Future;

use anyhow::{Context, Error, Result};
use futures::{StreamExt, stream};

use crate::{
    client::{self, Client},
    output::say,
    steps::Steps,
};

/// How many are under way at once.
const SIDE_BY_SIDE: usize = 24;

/// How many of those that failed are told.
const TOLD: usize = 20;

/// What became of each.
pub(super) struct Outcome<T, O> {
    pub(super) done: Vec<(T, O)>,
    pub(super) failed: Vec<(T, Error)>,
}

/// Does this with each of them, and shows how far it has come.
///
/// # Errors
/// A gateway that has not answered for as long as a client asks again, and then does not say either how it is.
pub(super) async fn in_parallel<T, O, F>(
    what: &'static str,
    gateway: &Client,
    these: impl IntoIterator<Item = T>,
    act: impl Fn(T) -> F,
) -> Result<Outcome<T, O>>
where
    T: Clone,
    F: Future<Output = Result<O>>,
{
    let these: Vec<T> = these.into_iter().collect();
    let steps = Steps::new(what, these.len() as u64)?;
    let mut outcome = Outcome {
        done: Vec::new(),
        failed: Vec::new(),
    };
    once(gateway, these, &act, &steps, &mut outcome).await?;
    let again: Vec<T> = outcome.failed.drain(..).map(|(one, _)| one).collect();
    once(gateway, again, &act, &steps, &mut outcome).await?;
    steps.finish();
    Ok(outcome)
}

async fn once<T, O, F>(gateway: &Client, these: Vec<T>, act: &impl Fn(T) -> F, steps: &Steps, outcome: &mut Outcome<T, O>) -> Result<()>
where
    T: Clone,
    F: Future<Output = Result<O>>,
{
    let mut under_way = stream::iter(these)
        .map(|one| {
            let acting = act(one.clone());
            async { (one, acting.await) }
        })
        .buffer_unordered(SIDE_BY_SIDE);
    while let Some((one, result)) = under_way.next().await {
        match result {
            Ok(done) => {
                outcome.done.push((one, done));
                steps.step();
            }
            Err(error) => {
                if is_unheard(&error) {
                    gateway.readiness().await.context("the gateway is gone")?;
                }
                outcome.failed.push((one, error));
            }
        }
    }
    Ok(())
}

fn is_unheard(error: &Error) -> bool {
    matches!(error.downcast_ref(), Some(client::Error::Silent(_)))
}

impl<T, O> Outcome<T, O> {
    /// Tells the first of those that failed, each with why; how many there are.
    pub(super) fn tell_failed<'t>(&'t self, what: &str, name: impl Fn(&'t T) -> &'t str) -> usize {
        if !self.failed.is_empty() {
            say(format_args!("{what} that failed: {}", self.failed.len()));
        }
        for (one, error) in self.failed.iter().take(TOLD) {
            say(format_args!("        {}: {error:#}", name(one)));
        }
        if self.failed.len() > TOLD {
            say(format_args!("        and {} more", self.failed.len() - TOLD));
        }
        self.failed.len()
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicUsize, Ordering},
        time::Duration,
    };

    use anyhow::bail;

    use super::*;

    fn nobody() -> Client {
        Client::new("http://127.0.0.1:9").insistent(Duration::ZERO)
    }

    #[tokio::test]
    async fn one_that_fails_is_tried_again_behind_the_others_and_keeps_none_from_being_done() {
        let tries = AtomicUsize::new(0);
        let act = |number: usize| {
            let before = tries.fetch_add(1, Ordering::SeqCst);
            async move {
                // The second is well when all were tried; the third never is.
                if number == 3 || (number == 2 && before < 50) {
                    bail!("{number} is not well");
                }
                Ok(number)
            }
        };
        let outcome = in_parallel("numbers", &nobody(), 1..=50, act).await.unwrap();
        assert_eq!((outcome.done.len(), tries.load(Ordering::SeqCst)), (49, 52));
        let failed: Vec<_> = outcome.failed.iter().map(|(number, error)| (*number, error.to_string())).collect();
        assert_eq!(failed, [(3, "3 is not well".to_owned())]);
    }

    #[tokio::test]
    async fn a_gateway_that_is_gone_ends_everything() {
        let tries = AtomicUsize::new(0);
        let act = |_: usize| {
            tries.fetch_add(1, Ordering::SeqCst);
            async { nobody().get("/v1/products").await.context("asking for products") }
        };
        let error = in_parallel("numbers", &nobody(), 1..=50, act).await.err().unwrap();
        assert_eq!(error.to_string(), "the gateway is gone");
        assert!(tries.load(Ordering::SeqCst) <= SIDE_BY_SIDE);
    }
}
