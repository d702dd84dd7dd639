//! A process that ends ends as a whole.

use std::sync::Arc;

use harness::Authority;
use runtime::{Start, SystemClock};
use tokio::sync::oneshot;
use tonic::service::Routes;

#[tokio::test]
async fn what_runs_beside_the_requests_ends_with_them() {
    let settings = Authority::new().settings("payment", "", "", &[]);
    let mut start = Start::new("payment", settings, (), Arc::new(SystemClock)).await.unwrap();
    let (at_work, mut ended) = oneshot::channel::<()>();
    let (begins, begun) = oneshot::channel();
    start.beside(async move {
        let _at_work = at_work;
        begins.send(()).unwrap();
        std::future::pending().await
    });
    begun.await.unwrap();
    let shutdown = start.shutdown.clone();
    let serving = tokio::spawn(start.serve(Routes::default()));
    assert_eq!(ended.try_recv(), Err(oneshot::error::TryRecvError::Empty));
    shutdown.cancel();
    serving.await.unwrap().unwrap();
    assert_eq!(ended.try_recv(), Err(oneshot::error::TryRecvError::Closed));
}
