//! Who waits for new messages in this process, and what wakes them.
//!
//! A waiter is told to look, never what there is to see: whatever it missed, the next look into the database finds.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use events::{Begin, Bus, Event, Follower};
use kernel::ConversationId;
use tokio::sync::watch;

use crate::store::facts::MESSAGE_SENT;

/// How often the connection is looked at, and how soon everyone looks for themselves when it is broken.
const LOOK: Duration = Duration::from_millis(500);

/// How seldom everyone looks when it stays broken: each look is a query for each of them.
const SELDOM: Duration = Duration::from_secs(2);

/// Those who listen, by conversation. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Live {
    ears: Arc<Mutex<HashMap<ConversationId, watch::Sender<()>>>>,
}

/// One who listens to a conversation, until dropped.
pub(crate) struct Ear {
    live: Live,
    conversation: ConversationId,
    heard: watch::Receiver<()>,
}

impl Live {
    /// Begins to listen. Whatever is written from now on is heard; what was written before can be read.
    pub(crate) fn listen(&self, conversation: ConversationId) -> Ear {
        let heard = self
            .ears()
            .entry(conversation)
            .or_insert_with(|| watch::Sender::new(()))
            .subscribe();
        Ear {
            live: self.clone(),
            conversation,
            heard,
        }
    }

    /// A message was written in a conversation.
    pub(crate) fn written(&self, conversation: ConversationId) {
        if let Some(ears) = self.ears().get(&conversation) {
            ears.send_replace(());
        }
    }

    /// Something may have been written anywhere.
    fn look_again(&self) {
        self.ears().values().for_each(|ears| {
            ears.send_replace(());
        });
    }

    /// Follows the service's own events for as long as the process runs: what other replicas write wakes our listeners too.
    pub(crate) async fn follow(self, bus: Bus) {
        let mut wait = LOOK;
        loop {
            match bus.follow("messaging", Begin::Now).await {
                Ok(follower) => {
                    self.follow_until_broken(&bus, follower).await;
                    wait = LOOK;
                }
                Err(error) => tracing::warn!(%error, "messaging's own events cannot be followed"),
            }
            tokio::time::sleep(wait).await;
            wait = longer(wait);
            self.look_again();
        }
    }

    async fn follow_until_broken(&self, bus: &Bus, mut follower: Follower) {
        // What was written before we began to follow was not heard.
        self.look_again();
        let mut wait = LOOK;
        loop {
            match tokio::time::timeout(wait, follower.next()).await {
                Ok(Ok(events)) => events.iter().for_each(|(_, event)| self.hear(event)),
                Ok(Err(error)) => {
                    tracing::warn!(%error, "messaging's own events are followed anew");
                    return;
                }
                Err(_) if bus.is_connected() => wait = LOOK,
                Err(_) => {
                    self.look_again();
                    wait = longer(wait);
                }
            }
        }
    }

    fn hear(&self, event: &Event) {
        if event.subject == MESSAGE_SENT {
            self.written(ConversationId::from_uuid(event.aggregate));
        }
    }

    fn ears(&self) -> MutexGuard<'_, HashMap<ConversationId, watch::Sender<()>>> {
        self.ears.lock().expect("no holder of this lock panics")
    }
}

/// How long to wait after one has waited for so long.
fn longer(wait: Duration) -> Duration {
    (wait * 2).min(SELDOM)
}

impl Ear {
    /// From now on, [`Ear::written`] waits for what comes after this moment.
    pub(crate) fn begin_to_look(&mut self) {
        self.heard.mark_unchanged();
    }

    /// Returns once something was, or may have been, written since the last look.
    pub(crate) async fn written(&mut self) {
        let changed = self.heard.changed().await;
        changed.expect("the sender lives as long as somebody listens");
    }
}

impl Drop for Ear {
    /// The last one to leave a conversation takes its entry along.
    fn drop(&mut self) {
        let mut ears = self.live.ears();
        if ears.get(&self.conversation).is_some_and(|ears| ears.receiver_count() <= 1) {
            ears.remove(&self.conversation);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;
    use kernel::uuid::Uuid;

    use super::*;

    fn conversation(number: u128) -> ConversationId {
        ConversationId::from_uuid(Uuid::from_u128(number))
    }

    #[test]
    fn whoever_listens_hears_their_own_conversation_only() {
        let live = Live::default();
        let (mut first, mut second) = (live.listen(conversation(1)), live.listen(conversation(2)));
        live.written(conversation(1));
        assert_eq!(first.written().now_or_never(), Some(()));
        assert_eq!((first.written().now_or_never(), second.written().now_or_never()), (None, None));
        live.look_again();
        assert_eq!(
            (first.written().now_or_never(), second.written().now_or_never()),
            (Some(()), Some(()))
        );
    }

    #[test]
    fn what_is_written_while_one_looks_is_heard_afterwards() {
        let live = Live::default();
        let mut ear = live.listen(conversation(1));
        live.written(conversation(1));
        ear.begin_to_look();
        live.written(conversation(1));
        assert_eq!(ear.written().now_or_never(), Some(()));
    }

    #[test]
    fn the_longer_nothing_is_heard_the_more_seldom_everyone_looks() {
        let waits = std::iter::successors(Some(LOOK), |wait| Some(longer(*wait)));
        let waits: Vec<u128> = waits.take(5).map(|wait| wait.as_millis()).collect();
        assert_eq!(waits, [500, 1_000, 2_000, 2_000, 2_000]);
    }

    #[test]
    fn a_conversation_that_nobody_listens_to_takes_no_room() {
        let live = Live::default();
        let (first, second) = (live.listen(conversation(1)), live.listen(conversation(1)));
        drop(first);
        assert_eq!(live.ears().len(), 1);
        drop(second);
        assert!(live.ears().is_empty());
        live.written(conversation(1));
    }
}
