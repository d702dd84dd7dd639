//! Dead letters: listed, and given up.

use kernel::{EventId, PageToken};
use proto::operations::v1;
use runtime::{Problem, Violations, auth::principal};
use tonic::{Request, Status};

use super::{Operations, broken, present};

pub(super) async fn list(operations: &Operations, request: v1::ListDeadLettersRequest) -> Result<v1::ListDeadLettersResponse, Status> {
    let mut check = Violations::new();
    operations.addressed(&mut check, &request.service);
    operations.consumed(&mut check, &request.consumer);
    let list = ("dead letters", operations.service, &request.consumer, request.include_queued);
    let page = check.page(request.page_size, &request.page_token, list);
    check.finish(())?;
    let consumer = Some(request.consumer.as_str()).filter(|consumer| !consumer.is_empty());
    let desk = operations.store.desk();
    let found = desk.list(consumer, request.include_queued, page.after(), page.limit()).await;
    let mut found = found.map_err(broken)?;
    Ok(v1::ListDeadLettersResponse {
        next_page_token: page.cut(&mut found, |listed| PageToken {
            position: listed.dead.created,
            id: listed.dead.letter.event,
        }),
        dead_letters: found.into_iter().map(present::listed).collect(),
    })
}

pub(super) async fn purge(operations: &Operations, request: Request<v1::PurgeDeadLetterRequest>) -> Result<v1::PurgedLetter, Status> {
    let account = principal(&request)?.account;
    let request = request.into_inner();
    let mut check = Violations::new();
    operations.addressed(&mut check, &request.service);
    let event = check.id::<EventId>("event_id", &request.event_id);
    let consumer = check.text("consumer", &request.consumer, 1..=100);
    let reason = check.text("reason", &request.reason, 3..=1_000);
    let event = check.finish(event)?;
    let purged = operations.store.desk().purge(&consumer, event.uuid(), &reason, account).await;
    let purged = purged.map_err(broken)?.ok_or_else(|| Problem::not_found("dead letter"))?;
    tracing::info!(consumer, event = request.event_id, %account, "a dead letter was given up");
    Ok(present::purged(purged))
}

pub(super) async fn purged(
    operations: &Operations,
    request: v1::ListPurgedLettersRequest,
) -> Result<v1::ListPurgedLettersResponse, Status> {
    let mut check = Violations::new();
    operations.addressed(&mut check, &request.service);
    let page = check.page(request.page_size, &request.page_token, ("purged letters", operations.service));
    check.finish(())?;
    let found = operations.store.desk().purged(page.after(), page.limit()).await;
    let mut found = found.map_err(broken)?;
    Ok(v1::ListPurgedLettersResponse {
        next_page_token: page.cut(&mut found, |purged| PageToken {
            position: purged.time.micros(),
            id: purged.dead.letter.event,
        }),
        purged_letters: found.into_iter().map(present::purged).collect(),
    })
}
