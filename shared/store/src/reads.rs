//! Reads share queries as writes share commits: while one query for aggregates of a kind is under way,
//! those who ask meanwhile wait together, and the next query takes them all.

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    mem,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use futures::FutureExt;
use sea_orm::DatabaseConnection;
use tokio::sync::oneshot;
use uuid::Uuid;

use crate::{Aggregate, Stored, bulk, progress::Progress};

/// Everybody who waits for an aggregate, by kind.
pub(crate) struct Reads {
    progress: Progress,
    kinds: Mutex<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>,
}

/// What one gets: the aggregate, or that there is none.
type Reply<A> = oneshot::Sender<Option<Stored<A>>>;

/// Those who wait for aggregates of one kind, by id.
struct Waiting<A> {
    asked: HashMap<Uuid, Vec<Reply<A>>>,
    /// A query is under way, and another one follows it if somebody waits then.
    under_way: bool,
}

impl Reads {
    pub(crate) fn new(progress: Progress) -> Self {
        Self {
            progress,
            kinds: Mutex::default(),
        }
    }

    /// Asks for an aggregate with the next query, which begins after this.
    /// Nobody answers when it fails; then whoever asked had better ask alone.
    pub(crate) fn ask<A: Aggregate>(&self, db: &DatabaseConnection, id: Uuid) -> oneshot::Receiver<Option<Stored<A>>> {
        let waiting = self.of::<A>();
        let (reply, answer) = oneshot::channel();
        let first = {
            let mut waiting = lock(&waiting);
            waiting.asked.entry(id).or_default().push(reply);
            !mem::replace(&mut waiting.under_way, true)
        };
        if first {
            tokio::spawn(answer_all(waiting, db.clone(), self.progress.clone()));
        }
        answer
    }

    fn of<A: Aggregate>(&self) -> Arc<Mutex<Waiting<A>>> {
        let mut kinds = lock(&self.kinds);
        let new = || -> Arc<dyn Any + Send + Sync> {
            Arc::new(Mutex::new(Waiting::<A> {
                asked: HashMap::new(),
                under_way: false,
            }))
        };
        let kind = kinds.entry(TypeId::of::<A>()).or_insert_with(new);
        Arc::clone(kind).downcast().expect("each type has its own")
    }
}

/// Queries for as long as somebody waits.
async fn answer_all<A: Aggregate>(waiting: Arc<Mutex<Waiting<A>>>, db: DatabaseConnection, progress: Progress) {
    loop {
        let asked = {
            let mut waiting = lock(&waiting);
            if waiting.asked.is_empty() {
                waiting.under_way = false;
                return;
            }
            mem::take(&mut waiting.asked)
        };
        let _step = progress.begin();
        // A row that makes us panic is no reason to leave those waiting who come next.
        let _ = AssertUnwindSafe(answer(asked, &db)).catch_unwind().await;
    }
}

/// One query. When it fails, or a row cannot be read, nobody gets an answer.
async fn answer<A: Aggregate>(mut asked: HashMap<Uuid, Vec<Reply<A>>>, db: &DatabaseConnection) {
    let ids: Vec<Uuid> = asked.keys().copied().collect();
    let Ok(rows) = bulk::load::<A::Entity>(&db.into(), &ids, false).await else {
        return;
    };
    let Ok(found) = rows.into_iter().map(A::from_row).collect::<Result<Vec<_>, _>>() else {
        return;
    };
    for stored in found {
        let replies = asked.remove(&stored.id().into()).unwrap_or_default();
        tell(replies, Some(stored));
    }
    asked.into_values().for_each(|replies| tell(replies, None));
}

/// Tells everybody the same; some no longer wait.
fn tell<A: Aggregate>(mut replies: Vec<Reply<A>>, found: Option<Stored<A>>) {
    let Some(last) = replies.pop() else { return };
    for reply in replies {
        let _ = reply.send(found.clone());
    }
    let _ = last.send(found);
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
