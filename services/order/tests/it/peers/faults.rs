//! How a call can go wrong, and how a test knows that it did.

use std::{
    collections::{HashMap, VecDeque},
    sync::Mutex,
};

use tokio::sync::Notify;
use tonic::Status;

#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// Nothing is done and no answer comes.
    Hang,
    /// It is done and no answer comes.
    DoAndHang,
    /// It is done once the test says so.
    Wait,
    /// It is done and the answer is lost on the way.
    DoAndLose,
    /// Nothing is done; the same call may succeed in a moment.
    Fail,
    /// The peer says no.
    Refuse,
}

/// The faults that the next calls will meet, by RPC.
#[derive(Default)]
pub(crate) struct Faults {
    planned: Mutex<HashMap<&'static str, VecDeque<Fault>>>,
    hanging: Notify,
    going_on: Notify,
}

impl Faults {
    pub(crate) fn plan(&self, rpc: &'static str, faults: impl IntoIterator<Item = Fault>) {
        self.planned.lock().unwrap().entry(rpc).or_default().extend(faults);
    }

    /// Returns once a call hangs or waits.
    pub(crate) async fn hangs(&self) {
        self.hanging.notified().await;
    }

    /// Lets a call go on that waits.
    pub(crate) fn go_on(&self) {
        self.going_on.notify_one();
    }

    /// Carries out a call as planned.
    pub(crate) async fn meet<T>(&self, rpc: &'static str, call: impl Future<Output = Result<T, Status>>) -> Result<T, Status> {
        let fault = self.planned.lock().unwrap().get_mut(rpc).and_then(VecDeque::pop_front);
        match fault {
            None => call.await,
            Some(Fault::Hang) => self.hang().await,
            Some(Fault::DoAndHang) => {
                let _ = call.await;
                self.hang().await
            }
            Some(Fault::Wait) => {
                self.hanging.notify_one();
                self.going_on.notified().await;
                call.await
            }
            Some(Fault::DoAndLose) => {
                let _ = call.await;
                Err(Status::unavailable("the answer was lost"))
            }
            Some(Fault::Fail) => Err(Status::unavailable("not now")),
            Some(Fault::Refuse) => Err(Status::failed_precondition("no")),
        }
    }

    async fn hang<T>(&self) -> T {
        self.hanging.notify_one();
        std::future::pending().await
    }
}
