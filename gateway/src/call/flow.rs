//! The body of an answer that is sent as it comes: at the pace of the client, but not for one that takes nothing.
//!
//! A connection asks a body for more only while its client reads. So a task of its own takes what the service
//! sends and hands it on through a short queue; when nothing leaves that for too long, the client is let go,
//! and the service with it. So is one whose token is revoked meanwhile.

use std::{pin::pin, time::Duration};

use bytes::Bytes;
use futures::{Stream, StreamExt, stream};
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;
use tokio::sync::mpsc::{self, Sender, error::SendTimeoutError};

use super::Call;
use crate::{
    answer::{Body, BoxError},
    guard::OpenStream,
};

/// What is sent at once, or why the body breaks off.
pub(super) type Part = Result<Bytes, BoxError>;

/// How many parts wait for a client.
const QUEUE: usize = 16;

/// What a client that is let go finds behind the parts that wait for it.
pub(super) struct LastWords {
    /// When it took nothing for too long.
    pub(super) stalled: Part,
    /// When its token was revoked.
    pub(super) revoked: Part,
}

/// The body of these parts for whoever calls; the stream is `open` for as long as the body is there.
pub(super) fn body(call: &Call<'_>, parts: impl Stream<Item = Part> + Send + 'static, words: LastWords, open: Option<OpenStream>) -> Body {
    let (sender, receiver) = mpsc::channel(QUEUE + 1);
    let last = sender.clone().try_reserve_owned().expect("an empty queue has room");
    let patience = Duration::from_millis(call.shared.config.stalled_ms);
    let (revocations, principal) = (call.shared.revocations.clone(), call.principal.clone());
    tokio::spawn(async move {
        let revoked = async {
            match &principal {
                Some(principal) => revocations.revoked(principal).await,
                None => std::future::pending().await,
            }
        };
        match hand_on(parts, sender, patience, revoked).await {
            End::Over => {}
            End::Stalled => drop(last.send(words.stalled)),
            End::Revoked => drop(last.send(words.revoked)),
        }
    });
    let parts = stream::unfold((receiver, open), |(mut receiver, open)| async move {
        let part = receiver.recv().await?;
        Some((part.map(Frame::data), (receiver, open)))
    });
    Body::Stream(StreamBody::new(parts).boxed_unsync())
}

/// Why a body ends.
enum End {
    /// With its parts, or with its client.
    Over,
    /// The client took nothing for too long.
    Stalled,
    /// The client's token was revoked.
    Revoked,
}

async fn hand_on(parts: impl Stream<Item = Part>, sender: Sender<Part>, patience: Duration, revoked: impl Future<Output = ()>) -> End {
    let (mut parts, mut revoked) = (pin!(parts), pin!(revoked));
    loop {
        let part = tokio::select! {
            biased;
            () = sender.closed() => return End::Over,
            () = &mut revoked => return End::Revoked,
            part = parts.next() => part,
        };
        let Some(part) = part else { return End::Over };
        match sender.send_timeout(part, patience).await {
            Ok(()) => {}
            Err(SendTimeoutError::Closed(_)) => return End::Over,
            Err(SendTimeoutError::Timeout(_)) => return End::Stalled,
        }
    }
}
