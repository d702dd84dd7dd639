//! Messages after a sequence, then new ones as they come, each once and in order.

use std::{collections::VecDeque, pin::Pin};

use futures::{Stream, stream};
use kernel::ConversationId;
use proto::messaging::v1::{self as v1, StreamMessagesRequest};
use runtime::{Violations, auth::principal};
use store::{Store, unread};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Status};

use super::{Api, present, read};
use crate::{domain::message::Message, live::Ear, store::message};

/// How many messages are read at a time.
const BATCH: u64 = 100;

/// A stream of messages.
pub(super) type Messages = Pin<Box<dyn Stream<Item = Result<v1::Message, Status>> + Send>>;

pub(super) async fn handle(api: &Api, request: &Request<StreamMessagesRequest>) -> Result<Messages, Status> {
    let principal = principal(request)?;
    let request = request.get_ref();
    let mut check = Violations::new();
    let id = check.id::<ConversationId>("conversation_id", &request.conversation_id);
    check.require(request.after_sequence >= 0, "after_sequence", "must not be negative");
    let id = check.finish(id)?;
    read::conversation(api, principal.organisation, id).await?;
    let reader = Reader {
        store: api.store.clone(),
        conversation: id,
        last: request.after_sequence,
        read: VecDeque::new(),
        ear: api.live.listen(id),
        // Whoever reads along must still be let in by then.
        until: Instant::now() + api.stream.min(principal.until.since(api.now())),
        ending: api.ending.clone(),
    };
    let messages = stream::try_unfold(reader, |mut reader| async move {
        let message = reader.next().await?;
        Ok(message.map(|message| (present::message(&message), reader)))
    });
    Ok(Box::pin(messages))
}

/// Somebody who reads along.
struct Reader {
    store: Store,
    conversation: ConversationId,
    /// The sequence of the last message that was read.
    last: i64,
    /// Read, but not sent yet.
    read: VecDeque<Message>,
    ear: Ear,
    /// When the listener must come again.
    until: Instant,
    /// Cancelled when the process is to end.
    ending: CancellationToken,
}

impl Reader {
    /// The next message, as soon as there is one; nothing when the stream is over.
    async fn next(&mut self) -> Result<Option<Message>, Status> {
        loop {
            if let Some(message) = self.read.pop_front() {
                return Ok(Some(message));
            }
            if self.ending.is_cancelled() || Instant::now() >= self.until {
                return Ok(None);
            }
            self.ear.begin_to_look();
            let found = message::after(self.store.db(), self.conversation, self.last, BATCH).await;
            self.read.extend(found.map_err(unread)?);
            if let Some(newest) = self.read.back() {
                self.last = newest.sequence;
                continue;
            }
            tokio::select! {
                () = self.ear.written() => {}
                () = self.ending.cancelled() => {}
                () = tokio::time::sleep_until(self.until) => {}
            }
        }
    }
}
