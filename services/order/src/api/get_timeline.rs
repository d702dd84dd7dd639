//! Everything that happened to an order, in order of time.

use proto::order::v1::{GetTimelineRequest, Timeline, TimelineEntry};
use runtime::{auth::principal, timestamp};
use tonic::{Request, Status};

use super::{Api, read};

pub(super) async fn handle(api: &Api, request: &Request<GetTimelineRequest>) -> Result<Timeline, Status> {
    let principal = principal(request)?;
    let (order, _) = read::order(api, principal.organisation, &request.get_ref().order_id).await?;
    let entries = order.timeline.entries().map(|(entry, detail)| TimelineEntry {
        kind: entry.kind.clone(),
        reference: entry.reference.clone(),
        detail: detail.to_owned(),
        time: Some(timestamp(entry.time)),
    });
    Ok(Timeline {
        entries: entries.collect(),
    })
}
