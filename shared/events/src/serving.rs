//! Serving for as long as the process runs, while its events are published and what it needs is looked after. It ends by itself when
//! connections to the database fell silent: the next process has new ones, and nothing acknowledged is lost with this one.

use std::time::Duration;

use async_nats::{Client, connection::State};
use runtime::{Condition, Error, Start};
use sea_orm::ConnectionTrait;
use store::Store;
use tokio::time::{sleep, timeout};
use tonic::service::Routes;

use crate::Relaying;

/// How long the database may take to answer at all.
const PATIENCE: Duration = Duration::from_secs(2);

/// How soon it is asked again that refused: connections which it ended, as it does when it starts anew, are each noticed by their use.
const PAUSE: Duration = Duration::from_millis(50);

impl Relaying {
    /// Serves until the process is told to end, then gives the shards back. The process says that it is ready while its database answers,
    /// and that all is well while the broker is there as well.
    ///
    /// # Errors
    /// When serving fails.
    pub async fn serve<C>(self, start: Start<C>, routes: Routes) -> Result<(), Error> {
        self.serve_when(start, routes, || true).await
    }

    /// As [`serve`](Self::serve), for a service that has something else to wait for until it is ready.
    ///
    /// # Errors
    /// As [`serve`](Self::serve).
    pub async fn serve_when<C>(self, start: Start<C>, routes: Routes, ready: impl Fn() -> bool) -> Result<(), Error> {
        let (store, client) = (self.store().clone(), self.client().clone());
        let silence = Duration::from_millis(start.settings.database_silence_ms);
        let condition = async || {
            if ready() {
                condition(&store, &client).await
            } else {
                Condition::Unable
            }
        };
        let serving = start.serve_watched(routes, condition);
        self.during(async {
            tokio::select! {
                served = serving => served,
                () = store.falls_silent(silence) => Err(Error::Database("a connection fell silent, but the database answers on new ones".to_owned())),
            }
        })
        .await
    }
}

async fn condition(store: &Store, client: &Client) -> Condition {
    let database = timeout(PATIENCE, async {
        while let Err(error) = store.db().execute_unprepared("SELECT 1").await {
            tracing::debug!(%error, "the database does not answer");
            sleep(PAUSE).await;
        }
    });
    match (database.await, client.connection_state()) {
        (Err(_), _) => Condition::Unable,
        (Ok(()), State::Connected) => Condition::Well,
        (Ok(()), State::Pending | State::Disconnected) => Condition::Impaired,
    }
}
