//! The replicas of a service, each with a connection of its own. They get calls in turn; one that cannot be
//! reached is passed over for a moment, and a call that never left us goes to the next, whatever it asks for.
//! So a replica may be replaced while others serve, and nobody notices.
//!
//! A connection ends when it has reached its age (`connection_age_ms`): what did not leave by it goes by the next one to the same replica.

use std::{
    collections::HashSet,
    error::Error as _,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use http::{Request, Response};
use prost_reflect::MethodDescriptor;
use tonic::{
    ConnectError,
    body::Body,
    transport::{Channel, Error},
};
use tower::{Service, ServiceExt};

use crate::whole::Whole;

/// How long a replica is passed over that could not be reached.
const PAUSE: Duration = Duration::from_millis(200);

/// By how many connections to a replica a call may go, one after another, because each of them is just ending.
const CONNECTIONS: u32 = 5;

/// Calls with a stream of requests, by path: these go to one replica, come what may.
static STREAMS: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let methods = proto::methods(proto::pool());
    let streams = methods.filter(MethodDescriptor::is_client_streaming);
    streams.map(|method| proto::path(&method)).collect()
});

/// Connections to a service, made when they are needed. Cheap to clone.
#[derive(Clone)]
pub struct Replicas {
    all: Arc<[Replica]>,
    next: Arc<AtomicUsize>,
}

struct Replica {
    channel: Channel,
    passed_over: Arc<AtomicBool>,
}

impl Replica {
    async fn send(&self, request: Request<Body>) -> Result<Response<Body>, Error> {
        self.channel.clone().ready().await?.call(request).await
    }

    /// Sends a request, and again by another connection when its own was just ending.
    async fn send_whole(&self, whole: &Whole) -> Result<Response<Body>, Error> {
        for _ in 1..CONNECTIONS {
            match self.send(whole.request()).await {
                Err(error) if was_ending(&error) => {}
                outcome => return outcome,
            }
        }
        self.send(whole.request()).await
    }

    /// Gives calls to others for a moment.
    fn pass_over(&self) {
        if !self.passed_over.swap(true, Ordering::Relaxed) {
            let passed_over = Arc::clone(&self.passed_over);
            tokio::spawn(async move {
                tokio::time::sleep(PAUSE).await;
                passed_over.store(false, Ordering::Relaxed);
            });
        }
    }
}

impl Replicas {
    /// One channel for each replica; at least one.
    pub fn of(channels: impl IntoIterator<Item = Channel>) -> Self {
        let replica = |channel| Replica {
            channel,
            passed_over: Arc::default(),
        };
        Self {
            all: channels.into_iter().map(replica).collect(),
            next: Arc::default(),
        }
    }

    /// All of them, whose turn it is first and those that are passed over last.
    fn in_turn(&self) -> Vec<&Replica> {
        let turn = self.next.fetch_add(1, Ordering::Relaxed) % self.all.len();
        let (late, early) = self.all.split_at(turn);
        let mut replicas: Vec<&Replica> = early.iter().chain(late).collect();
        replicas.sort_by_key(|replica| replica.passed_over.load(Ordering::Relaxed));
        replicas
    }

    /// Each of them by itself.
    pub fn each(&self) -> impl Iterator<Item = Self> {
        self.all.iter().map(|replica| Self::of([replica.channel.clone()]))
    }

    async fn send(self, request: Request<Body>) -> Result<Response<Body>, Error> {
        if STREAMS.contains(request.uri().path()) {
            return self.send_once(request).await;
        }
        match Whole::of(request).await {
            Ok(whole) => self.send_whole(&whole).await,
            Err(broken) => self.send_once(broken).await,
        }
    }

    /// Sends a request to the replica whose turn it is, come what may.
    pub(crate) async fn send_once(&self, request: Request<Body>) -> Result<Response<Body>, Error> {
        self.in_turn()[0].send(request).await
    }

    /// Sends a request to the first replica that is there.
    pub(crate) async fn send_whole(&self, whole: &Whole) -> Result<Response<Body>, Error> {
        let replicas = self.in_turn();
        let (last, first) = replicas.split_last().expect("a service has an address");
        for replica in first {
            match replica.send_whole(whole).await {
                Err(error) if never_left(&error) => replica.pass_over(),
                outcome => return outcome,
            }
        }
        last.send_whole(whole).await
    }
}

/// Whether the replica cannot have seen anything of the call.
fn never_left(error: &Error) -> bool {
    was_ending(error) || causes(error).any(|cause| cause.is::<ConnectError>())
}

/// Whether the connection took no more calls, while the replica may well be there: it was closed before the call had left, or the replica
/// said GOAWAY without any error, and that it will not look at this call (RFC 9113, section 6.8).
fn was_ending(error: &Error) -> bool {
    causes(error).any(|cause| {
        let canceled = cause.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_canceled);
        let turned_away = |error: &h2::Error| error.is_go_away() && error.is_remote() && error.reason() == Some(h2::Reason::NO_ERROR);
        canceled || cause.downcast_ref::<h2::Error>().is_some_and(turned_away)
    })
}

fn causes(error: &Error) -> impl Iterator<Item = &(dyn std::error::Error + 'static)> {
    std::iter::successors(error.source(), |error| (*error).source())
}

impl Service<Request<Body>> for Replicas {
    type Response = Response<Body>;
    type Error = Error;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<Response<Body>, Error>> + Send>>;

    /// Which replica is to be ready is found out by the call.
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        Box::pin(self.clone().send(request))
    }
}
