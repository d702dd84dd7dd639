//! What is answered to a head that cannot be read: a malformed one, or one beyond what is read at all.
//!
//! hyper refuses such a head itself, with a status and nothing else, before any of our code hears of it, and closes the connection. Here
//! its answer is known on its way out by all that it lacks, and a problem goes out in its place. In HTTP/2 there is no such answer to
//! replace: what breaks the protocol ends the connection or the stream with an error of the protocol's own.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::{Buf, Bytes};
use http::StatusCode;
use tokio::io::AsyncWrite;

use super::ids;
use crate::answer::Problem;

/// A connection's way out.
pub(super) struct Writer<W> {
    inner: W,
    /// What is left to be written of a problem.
    problem: Bytes,
}

impl<W: AsyncWrite + Unpin> Writer<W> {
    pub(super) fn new(inner: W) -> Self {
        Self {
            inner,
            problem: Bytes::new(),
        }
    }

    fn poll_problem(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.problem.has_remaining() {
            let written = ready!(Pin::new(&mut self.inner).poll_write(context, &self.problem))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.problem.advance(written);
        }
        Poll::Ready(Ok(()))
    }
}

impl<W: AsyncWrite + Unpin> AsyncWrite for Writer<W> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        ready!(self.poll_problem(context))?;
        let Some(status) = refusal(bytes) else {
            return Pin::new(&mut self.inner).poll_write(context, bytes);
        };
        self.problem = problem(status);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_write_vectored(mut self: Pin<&mut Self>, context: &mut Context<'_>, parts: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        // A refusal comes alone.
        if let [part] = parts {
            return self.poll_write(context, part);
        }
        ready!(self.poll_problem(context))?;
        Pin::new(&mut self.inner).poll_write_vectored(context, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_problem(context))?;
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_problem(context))?;
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}

/// The status of an answer that is hyper's own. Every answer of ours has more headers than that.
fn refusal(bytes: &[u8]) -> Option<StatusCode> {
    let head = std::str::from_utf8(bytes).ok()?.strip_suffix("\r\n\r\n")?;
    let mut lines = head.split("\r\n");
    let status = lines.next()?.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()?;
    let own = |line: &str| line.starts_with("date: ") || ["content-length: 0", "connection: close"].contains(&line);
    (lines.clone().any(|line| line == "content-length: 0") && lines.all(own))
        .then_some(status)
        .filter(StatusCode::is_client_error)
}

/// The same as a problem, with its line in the access log: more than the status is not known of such a request.
fn problem(status: StatusCode) -> Bytes {
    let problem = match status {
        StatusCode::URI_TOO_LONG => Problem::uri_too_long(),
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => Problem::headers_too_large(),
        _ => Problem::new(status, "MALFORMED", "this is no request of HTTP/1.1"),
    };
    let request_id = ids::fresh();
    let json = problem.json(&request_id);
    tracing::info!(target: "gateway::access", status = status.as_u16(), request_id, "not read");
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/problem+json\r\ncontent-length: {}\r\nx-request-id: {request_id}\r\n\
         x-content-type-options: nosniff\r\ncache-control: no-store\r\nconnection: close\r\n\r\n",
        json.len()
    );
    [head.into_bytes(), json].concat().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_answer_without_any_header_of_ours_is_hyper_s() {
        let date = "date: Wed, 25 Nov 2026 12:00:00 GMT";
        let refused = |text: String| refusal(text.as_bytes()).map(|status| status.as_u16());
        assert_eq!(
            refused(format!(
                "HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n{date}\r\n\r\n"
            )),
            Some(400)
        );
        for other in [
            format!("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nx-request-id: 7\r\n{date}\r\n\r\n"),
            format!("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n{date}\r\n\r\n"),
            format!("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n{date}\r\n\r\nmore"),
            "HTTP/1.1 100 Continue\r\n\r\n".to_owned(),
        ] {
            assert_eq!(refused(other.clone()), None, "{other}");
        }
    }
}
