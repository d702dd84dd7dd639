//! How a service fares.

use futures::future::try_join_all;
use proto::operations::v1::{Consumer, GetServiceStatusRequest, Outbox, ServiceStatus, Stream, TimerStatus};
use runtime::Violations;
use sea_orm::DbErr;
use store::Timers;
use tonic::Status;

use super::{Operations, broken, present};

pub(super) async fn handle(operations: &Operations, request: GetServiceStatusRequest) -> Result<ServiceStatus, Status> {
    let mut check = Violations::new();
    operations.addressed(&mut check, &request.service);
    check.check()?;
    of(operations).await.map_err(broken)
}

pub(super) async fn of(operations: &Operations) -> Result<ServiceStatus, DbErr> {
    Ok(ServiceStatus {
        service: operations.service.to_owned(),
        time: Some(runtime::timestamp(operations.store.clock().now())),
        outbox: Some(outbox(operations).await?),
        stream: stream(operations).await,
        consumers: consumers(operations).await?,
        timers: Some(timers(operations).await?),
        audits: operations.audits.keys().map(|name| (*name).to_owned()).collect(),
    })
}

async fn outbox(operations: &Operations) -> Result<Outbox, DbErr> {
    let outbox = operations.store.outbox();
    Ok(Outbox {
        waiting: present::count(outbox.backlog().await?),
        oldest_time: outbox.oldest().await?.map(runtime::timestamp),
    })
}

/// What the broker says, if it does.
async fn stream(operations: &Operations) -> Option<Stream> {
    if !operations.bus.is_connected() {
        return None;
    }
    let history = operations.bus.history(operations.service).await;
    let history = history.map_err(|error| tracing::warn!(%error, "the stream cannot be asked")).ok()?;
    Some(Stream {
        name: operations.service.to_owned(),
        create_time: Some(runtime::timestamp(history.created)),
        messages: present::count(history.last + 1 - history.first),
        last_sequence: present::count(history.last),
    })
}

async fn consumers(operations: &Operations) -> Result<Vec<Consumer>, DbErr> {
    let running = operations.bus.consumers();
    try_join_all(running.iter().map(|consumer| async {
        let backlog = if operations.bus.is_connected() {
            let backlog = consumer.backlog().await;
            backlog.map_err(|error| tracing::warn!(%error, "a consumer cannot be asked")).ok()
        } else {
            None
        };
        Ok(Consumer {
            consumer: consumer.domain().to_owned(),
            pending: backlog.map(|(pending, _)| present::count(pending)),
            unacknowledged: backlog.map_or(0, |(_, unacknowledged)| present::count(unacknowledged)),
            dead_letters: present::count(consumer.dispatcher().letters.count().await?),
        })
    }))
    .await
}

async fn timers(operations: &Operations) -> Result<TimerStatus, DbErr> {
    let timers = Timers::waiting(&operations.store).await?;
    Ok(TimerStatus {
        waiting: present::count(timers.waiting),
        overdue: present::count(timers.overdue),
        oldest_due_time: timers.oldest.map(runtime::timestamp),
        failing: present::count(timers.failing),
    })
}
