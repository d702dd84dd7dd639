//! Doing again: dead letters through their handlers, and the outbox to its stream.

use std::time::Duration;

use kernel::EventId;
use proto::operations::v1;
use runtime::{Problem, Violations, auth::principal};
use sea_orm::DbErr;
use tokio::time::Instant;
use tonic::{Request, Status};

use super::{Operations, broken, present};
use crate::{consumer::Consumer, redrive::Redriven};

/// What is kept back of a request's time, to answer it.
const MARGIN: Duration = Duration::from_secs(2);

/// How many failures are told.
const TOLD: usize = 100;

pub(super) async fn redrive(
    operations: &Operations,
    request: Request<v1::RedriveDeadLettersRequest>,
) -> Result<v1::RedriveDeadLettersResponse, Status> {
    let account = principal(&request)?.account;
    let request = request.into_inner();
    let mut check = Violations::new();
    operations.addressed(&mut check, &request.service);
    let event = check.optional_id::<EventId>("event_id", &request.event_id);
    operations.consumed(&mut check, &request.consumer);
    check.finish(())?;
    let until = runtime::deadline().map_or_else(|| Instant::now() + MARGIN, |deadline| deadline - MARGIN);
    let meant = |consumer: &Consumer| request.consumer.is_empty() || consumer.domain() == request.consumer;
    let mut answer = v1::RedriveDeadLettersResponse::default();
    let mut found = event.is_none();
    for consumer in operations.bus.consumers().into_iter().filter(|consumer| meant(consumer)) {
        let Some((redriven, remaining)) = redrive_letters(operations, &consumer, event, until).await.map_err(broken)? else {
            continue;
        };
        found = true;
        answer.remaining += present::count(remaining);
        answer.digested += present::count(redriven.digested);
        let failed = redriven.failed.into_iter().take(TOLD - answer.failed.len());
        let domain = consumer.domain();
        answer
            .failed
            .extend(failed.map(|(dead, behind)| present::letter(domain.to_owned(), dead, behind)));
    }
    if !found {
        return Err(Problem::not_found("dead letter").into());
    }
    tracing::info!(digested = answer.digested, remaining = answer.remaining, %account, "dead letters were redriven");
    Ok(answer)
}

/// Redrives one consumer's letters, or only the queue that an event stands in. What became of them, and how
/// many are left; nothing when the consumer has no letter about the event.
async fn redrive_letters(
    operations: &Operations,
    consumer: &Consumer,
    event: Option<EventId>,
    until: Instant,
) -> Result<Option<(Redriven, u64)>, DbErr> {
    let dispatcher = consumer.dispatcher();
    let Some(event) = event else {
        let redriven = dispatcher.redrive(&operations.store.desk(), consumer.domain(), until).await?;
        return Ok(Some((redriven, dispatcher.letters.count().await?)));
    };
    let Some(aggregate) = dispatcher.letters.aggregate_of(event.uuid()).await? else {
        return Ok(None);
    };
    let mut redriven = Redriven::default();
    dispatcher.redrive_queue(aggregate, until, &mut redriven).await?;
    Ok(Some((redriven, dispatcher.letters.count_of(aggregate).await?)))
}

pub(super) async fn republish(
    operations: &Operations,
    request: Request<v1::RepublishEventsRequest>,
) -> Result<v1::RepublishEventsResponse, Status> {
    let account = principal(&request)?.account;
    let request = request.into_inner();
    let mut check = Violations::new();
    operations.addressed(&mut check, &request.service);
    let since = check.time("since", request.since.as_ref());
    let since = check.finish(since)?;
    let republished = operations.store.outbox().republish(since).await.map_err(broken)?;
    tracing::info!(republished, %account, "events are published again");
    Ok(v1::RepublishEventsResponse {
        republished: present::count(republished),
    })
}
