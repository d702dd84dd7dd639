//! The body of an answer that is sent as it comes: at the pace of the client, but not for one that takes nothing.
//!
//! A connection asks a body for more only while its client reads. So a task of its own takes what the service sends and hands it on through a short
//! queue; when nothing leaves that for too long, the client is let go, and the service with it.

use std::{pin::pin, time::Duration};

use bytes::Bytes;
use futures::{Stream, StreamExt, stream};
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;
use tokio::sync::mpsc::{self, OwnedPermit, Sender, error::SendTimeoutError};

use crate::{
    answer::{Body, BoxError},
    guard::OpenStream,
};

/// What is sent at once, or why the body breaks off.
pub(super) type Part = Result<Bytes, BoxError>;

/// How many parts wait for a client.
const QUEUE: usize = 16;

/// How a client that takes nothing is let go.
pub(super) struct Stall {
    pub(super) patience: Duration,
    /// What it finds behind the parts that wait for it.
    pub(super) last: Part,
}

/// The body of these parts; the stream is `open` for as long as the body is there.
pub(super) fn body(parts: impl Stream<Item = Part> + Send + 'static, stall: Stall, open: Option<OpenStream>) -> Body {
    let (sender, receiver) = mpsc::channel(QUEUE + 1);
    let last = sender.clone().try_reserve_owned().expect("an empty queue has room");
    tokio::spawn(hand_on(parts, sender, stall, last));
    let parts = stream::unfold((receiver, open), |(mut receiver, open)| async move {
        let part = receiver.recv().await?;
        Some((part.map(Frame::data), (receiver, open)))
    });
    Body::Stream(StreamBody::new(parts).boxed_unsync())
}

/// Ends with the parts, with the client, or when its patience is over.
async fn hand_on(parts: impl Stream<Item = Part>, sender: Sender<Part>, stall: Stall, last: OwnedPermit<Part>) {
    let mut parts = pin!(parts);
    loop {
        let part = tokio::select! {
            biased;
            () = sender.closed() => return,
            part = parts.next() => part,
        };
        let Some(part) = part else { return };
        match sender.send_timeout(part, stall.patience).await {
            Ok(()) => {}
            Err(SendTimeoutError::Closed(_)) => return,
            Err(SendTimeoutError::Timeout(_)) => {
                last.send(stall.last);
                return;
            }
        }
    }
}
