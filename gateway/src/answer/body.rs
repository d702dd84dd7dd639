//! The body of an answer.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body_util::{BodyExt, combinators::UnsyncBoxBody};
use hyper::body::{Frame, SizeHint};

/// Why a body broke off.
pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Known as a whole, or sent as it comes.
pub(crate) enum Body {
    Whole(Bytes),
    Stream(UnsyncBoxBody<Bytes, BoxError>),
}

/// What is handed over at once of a body that is known as a whole.
const PIECE: usize = 64 * 1_024;

/// A body that is known as a whole and goes piece by piece, so that whoever watches sees whether its client takes it.
struct Pieces<W> {
    rest: Bytes,
    watch: W,
}

impl Body {
    /// Calls this whenever a part of the body is taken, and drops it with the body. One that goes in one piece is as good as taken.
    pub(crate) fn watched(self, watch: impl Fn() + Send + Unpin + 'static) -> Self {
        match self {
            Self::Whole(rest) if rest.len() > PIECE => Self::Stream(Pieces { rest, watch }.boxed_unsync()),
            Self::Whole(_) => self,
            Self::Stream(stream) => {
                let watched = stream.map_frame(move |frame| {
                    watch();
                    frame
                });
                Self::Stream(watched.boxed_unsync())
            }
        }
    }
}

impl<W: Fn() + Unpin> hyper::body::Body for Pieces<W> {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        (self.watch)();
        let length = self.rest.len().min(PIECE);
        let piece = self.rest.split_to(length);
        Poll::Ready((length > 0).then_some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.rest.len() as u64)
    }
}

impl hyper::body::Body for Body {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match self.get_mut() {
            Self::Whole(bytes) if bytes.is_empty() => Poll::Ready(None),
            Self::Whole(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Self::Stream(stream) => Pin::new(stream).poll_frame(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(bytes) => bytes.is_empty(),
            Self::Stream(stream) => stream.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Self::Stream(stream) => stream.size_hint(),
        }
    }
}
