//! The events that a consumer works on: those of different aggregates side by side, those of one in their order. An event that keeps
//! failing holds up its own aggregate and nobody else.

use std::{
    collections::{HashMap, VecDeque, hash_map::Entry},
    sync::Arc,
};

use async_nats::jetstream::Message;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::{
    Event,
    dispatcher::{Dispatcher, acknowledge},
};

/// What is at work and what waits. How much that can be at most, the broker
/// limits: it delivers nothing more until something is acknowledged.
pub(crate) struct Queues {
    dispatcher: Arc<Dispatcher>,
    /// The aggregates whose events are at work, one each, and what came of them since.
    behind: HashMap<Uuid, VecDeque<(Message, Event)>>,
    /// Tasks of their own, which go on whatever we wait for, and answer with the aggregate.
    at_work: JoinSet<Uuid>,
}

impl Queues {
    pub(crate) fn new(dispatcher: &Arc<Dispatcher>) -> Self {
        Self {
            dispatcher: Arc::clone(dispatcher),
            behind: HashMap::new(),
            at_work: JoinSet::new(),
        }
    }

    /// Begins with an event, or lets it wait behind others of its aggregate. What nobody handles is acknowledged.
    pub(crate) async fn add(&mut self, message: Message) {
        match Event::read(&message.subject, message.headers.as_ref(), message.payload.clone()) {
            Ok(event) if self.dispatcher.handles(&event) => self.queue_up(message, event),
            Ok(_) => acknowledge(&message).await,
            Err(error) => {
                tracing::error!(subject = %message.subject, %error, "this is no event of ours");
                acknowledge(&message).await;
            }
        }
    }

    /// Waits until an event is digested or put away, and begins with the next of its aggregate. Never returns while none is at work.
    pub(crate) async fn work(&mut self) {
        let Some(done) = self.at_work.join_next().await else {
            return std::future::pending().await;
        };
        let aggregate = done.expect("what a handler does wrong is a failure, and nobody aborts it");
        match self.behind.get_mut(&aggregate).and_then(VecDeque::pop_front) {
            Some((message, event)) => self.begin(message, event),
            None => drop(self.behind.remove(&aggregate)),
        }
    }

    fn queue_up(&mut self, message: Message, event: Event) {
        match self.behind.entry(event.aggregate) {
            Entry::Vacant(place) => {
                place.insert(VecDeque::new());
                self.begin(message, event);
            }
            Entry::Occupied(mut place) => {
                let queue = place.get_mut();
                // Whoever waits for long is delivered again.
                if !queue.iter().any(|(_, waiting)| waiting.id == event.id) {
                    queue.push_back((message, event));
                }
            }
        }
    }

    fn begin(&mut self, message: Message, event: Event) {
        let dispatcher = Arc::clone(&self.dispatcher);
        self.at_work.spawn(async move {
            let aggregate = event.aggregate;
            dispatcher.settle(&message, event).await;
            acknowledge(&message).await;
            aggregate
        });
    }
}
