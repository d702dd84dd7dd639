//! One update on its way: a closure that waits for its transaction, and whoever waits for its answer.

use tokio::sync::oneshot;

use crate::{Answer, Cause, Error, Keys, Work, broken::Broken};

/// One update, whatever its types.
///
/// It may run several times before it is answered; the last outcome counts.
pub(crate) trait Job: Send {
    fn keys(&self) -> &Keys;
    fn cause(&self) -> &Cause;
    /// Runs the closure and keeps its changes in `work`; the encoded answer, or nothing when it refused.
    fn run(&mut self, work: &mut Work) -> Option<Vec<u8>>;
    /// The cause is known: this was the answer.
    fn repeat(&mut self, work: &Work, recorded: &[u8]);
    /// The cause is known, but for another request.
    fn key_reused(&mut self);
    /// The closure panicked.
    fn panicked(&mut self);
    /// The transaction failed, though it had this job alone.
    fn broken(&mut self, why: Broken);
    /// Sends the outcome to whoever waits for it.
    fn answer(self: Box<Self>);
}

/// A closure with its types.
pub(crate) struct TypedJob<T, X, F, P> {
    cause: Cause,
    keys: Keys,
    traceparent: Option<String>,
    run: F,
    present: P,
    outcome: Result<T, Error<X>>,
    reply: oneshot::Sender<Result<T, Error<X>>>,
}

impl<T, X, F, P> TypedJob<T, X, F, P> {
    pub(crate) fn new(
        cause: Cause,
        keys: Keys,
        traceparent: Option<String>,
        run: F,
        present: P,
        reply: oneshot::Sender<Result<T, Error<X>>>,
    ) -> Self {
        Self {
            cause,
            keys,
            traceparent,
            run,
            present,
            outcome: Err(Error::Closed),
            reply,
        }
    }
}

impl<R, T, X, F, P> Job for TypedJob<T, X, F, P>
where
    R: Answer,
    T: Send,
    X: Send,
    F: Fn(&mut Work) -> Result<R, Error<X>> + Send,
    P: Fn(&Work, R) -> Result<T, Error<X>> + Send,
{
    fn keys(&self) -> &Keys {
        &self.keys
    }

    fn cause(&self) -> &Cause {
        &self.cause
    }

    fn run(&mut self, work: &mut Work) -> Option<Vec<u8>> {
        match (self.run)(work) {
            Ok(answer) => {
                let encoded = answer.encode_to_vec();
                work.keep(self.traceparent.as_deref());
                self.outcome = (self.present)(work, answer);
                Some(encoded)
            }
            Err(refusal) => {
                self.outcome = Err(refusal);
                None
            }
        }
    }

    fn repeat(&mut self, work: &Work, recorded: &[u8]) {
        let answer = R::decode(recorded).expect("what was recorded under this cause was encoded from the same message");
        self.outcome = (self.present)(work, answer);
    }

    fn key_reused(&mut self) {
        self.outcome = Err(Error::KeyReused);
    }

    fn panicked(&mut self) {
        self.outcome = Err(Error::Panicked);
    }

    fn broken(&mut self, why: Broken) {
        self.outcome = Err(why.into());
    }

    fn answer(self: Box<Self>) {
        // Nobody waits any more when the caller's deadline has passed; the write stands all the same.
        let _ = self.reply.send(self.outcome);
    }
}
