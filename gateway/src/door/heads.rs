//! How long is waited for a head of HTTP/1.1: for the rest of one that has begun not as long as for one to begin.
//!
//! hyper has one time for both, which it starts when it begins to wait for a head. It asks our timer for it, though,
//! and looks at it whenever what it has read is no whole head, and all that it reads passes by here. So the timer
//! knows how long to let it wait, and the price is a look at each read.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    task::{Context, Poll, ready},
    time::{Duration, Instant},
};

use hyper::rt::{Sleep, Timer};
use tokio::io::{AsyncRead, ReadBuf};

/// The last bytes of a head.
const END: u32 = u32::from_be_bytes(*b"\r\n\r\n");

/// What is known of the heads of one connection.
#[derive(Clone, Default)]
pub(super) struct Heads(Arc<Known>);

#[derive(Default)]
struct Known {
    /// Something of a head has come.
    begun: AtomicBool,
    /// The four bytes that came last.
    last: AtomicU32,
    /// The last request has a body, which what came since may belong to.
    body: AtomicBool,
}

/// A connection's way in.
pub(super) struct Reader<R> {
    inner: R,
    /// Nothing for HTTP/2, whose heads come in frames.
    heads: Option<Heads>,
}

/// Says how long hyper waits for a head.
pub(super) struct Patience {
    /// From its first byte to its last.
    pub(super) head: Duration,
    /// For its first byte.
    pub(super) idle: Duration,
    pub(super) heads: Heads,
}

/// Ends when a head is not waited for any more.
struct Wait {
    end: Pin<Box<tokio::time::Sleep>>,
    head: Duration,
    /// Where it has not begun yet when this was looked at last.
    to_begin: Option<Heads>,
}

impl Heads {
    /// A head has come as a whole.
    ///
    /// What came with it is of the next one, or else of the body. How much of it is not known, so that a head which begins together with
    /// the end of a body has begun when more of it comes; until then it is waited for no longer than any other.
    pub(super) fn complete(&self, has_body: bool) {
        let more = !has_body && self.0.last.load(Ordering::Relaxed) != END;
        self.0.begun.store(more, Ordering::Relaxed);
        self.0.body.store(has_body, Ordering::Relaxed);
    }

    fn came(&self, bytes: &[u8]) {
        self.0.begun.store(true, Ordering::Relaxed);
        let newest = &bytes[bytes.len().saturating_sub(4)..];
        let last = newest
            .iter()
            .fold(self.0.last.load(Ordering::Relaxed), |last, byte| last << 8 | u32::from(*byte));
        self.0.last.store(last, Ordering::Relaxed);
    }

    /// From here on all that comes is of a head.
    fn await_next(&self) {
        if self.0.body.swap(false, Ordering::Relaxed) {
            self.0.begun.store(false, Ordering::Relaxed);
        }
    }

    fn have_begun(&self) -> bool {
        self.0.begun.load(Ordering::Relaxed)
    }
}

impl<R> Reader<R> {
    pub(super) fn new(inner: R, heads: Option<Heads>) -> Self {
        Self { inner, heads }
    }
}

impl<R: AsyncRead + Unpin> AsyncRead for Reader<R> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = into.filled().len();
        ready!(Pin::new(&mut self.inner).poll_read(context, into))?;
        match (&self.heads, &into.filled()[before..]) {
            (None, _) | (_, []) => {}
            (Some(heads), bytes) => heads.came(bytes),
        }
        Poll::Ready(Ok(()))
    }
}

impl Timer for Patience {
    fn sleep(&self, _: Duration) -> Pin<Box<dyn Sleep>> {
        self.heads.await_next();
        Box::pin(Wait {
            end: Box::pin(tokio::time::sleep(self.idle)),
            head: self.head,
            to_begin: Some(self.heads.clone()),
        })
    }

    fn sleep_until(&self, _: Instant) -> Pin<Box<dyn Sleep>> {
        self.sleep(self.head)
    }
}

impl Sleep for Wait {}

impl Future for Wait {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.to_begin.take_if(|heads| heads.have_begun()).is_some() {
            let end = tokio::time::Instant::now() + self.head;
            self.end.as_mut().reset(end);
        }
        self.end.as_mut().poll(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::{Instant, timeout};

    use super::*;

    const HEAD: Duration = Duration::from_secs(10);
    const IDLE: Duration = Duration::from_secs(100);

    fn patience() -> (Heads, Patience) {
        let heads = Heads::default();
        let patience = Patience {
            head: HEAD,
            idle: IDLE,
            heads: heads.clone(),
        };
        (heads, patience)
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_has_all_of_its_time_however_late_it_begins() {
        let (heads, patience) = patience();
        let began = Instant::now();
        let mut wait = patience.sleep(HEAD);
        let early = IDLE - Duration::from_secs(1);
        timeout(early, &mut wait).await.expect_err("nothing has to come yet");
        for piece in ["GET / HTTP/1.1\r\n", "Host: x\r\n"] {
            heads.came(piece.as_bytes());
            timeout(HEAD / 4, &mut wait).await.expect_err("the head has begun a moment ago");
        }
        wait.await;
        assert_eq!(began.elapsed(), early + HEAD, "what drips does not make it longer");
    }

    #[tokio::test(start_paused = true)]
    async fn what_comes_with_a_request_may_begin_the_next() {
        for (came, has_body, begun) in [
            (&["GET / HTTP/1.1\r\n\r\n"][..], false, false),
            (&["GET / HTTP/1.1\r\n", "Host: x\r\n", "\r", "\n"], false, false),
            (&["GET / HTTP/1.1\r\n", "\r\nGET /"], false, true),
            (&["POST / HTTP/1.1\r\n\r\n{}"], true, false),
        ] {
            let (heads, patience) = patience();
            came.iter().for_each(|part| heads.came(part.as_bytes()));
            heads.complete(has_body);
            let began = Instant::now();
            patience.sleep(HEAD).await;
            assert_eq!(began.elapsed(), if begun { HEAD } else { IDLE }, "{came:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_comes_while_a_request_is_carried_out_is_of_its_body_or_of_the_next_head() {
        for (has_body, long) in [(true, IDLE), (false, HEAD)] {
            let (heads, patience) = patience();
            heads.came(b"GET / HTTP/1.1\r\n\r\n");
            heads.complete(has_body);
            heads.came(b"GET");
            let began = Instant::now();
            patience.sleep(HEAD).await;
            assert_eq!(began.elapsed(), long);
        }
    }
}
