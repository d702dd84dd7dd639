//! Updates that are prepared outside of their transaction.
//!
//! A closure must name its rows before it runs and cannot ask anybody, so what it needs to know is read first. When that has changed by the
//! time it runs, it refuses, and all is prepared again.

use crate::{Answer, Cause, Error, Keys, Store, Work};

/// How often an update is prepared before others go first.
const PREPARATIONS: usize = 5;

impl Store {
    /// As [`Store::execute`], with keys and a closure that `prepare` makes out of what it reads. When the closure refuses because that
    /// `is_outdated`, they are made again, a few times; `prepare` is told whether they were made before.
    ///
    /// # Errors
    /// As [`Store::execute`], and whatever `prepare` says of a cause that is not known.
    pub async fn execute_prepared<R, X, F, E, P>(
        &self,
        cause: Cause,
        is_outdated: fn(&X) -> bool,
        prepare: impl Fn(bool) -> P,
    ) -> Result<R, E>
    where
        P: Future<Output = Result<(Keys, F), E>>,
        R: Answer,
        X: Send + 'static,
        F: Fn(&mut Work) -> Result<R, X> + Send + Sync + 'static,
        E: From<Error<X>>,
    {
        let mut made = 0;
        loop {
            let (keys, run) = match prepare(made > 0).await {
                Ok(prepared) => prepared,
                // It may have been possible when it came first.
                Err(refused) => return self.recorded(cause).await.map_err(Error::of_read)?.ok_or(refused),
            };
            made += 1;
            match self.execute(cause.clone(), keys, run).await {
                Err(Error::Refused(refusal)) if made < PREPARATIONS && is_outdated(&refusal) => {}
                done => return Ok(done?),
            }
        }
    }
}
