//! Everything that happened to an order, in order of time.

use kernel::OrderId;
use proto::order::v1::{GetTimelineRequest, Timeline, TimelineEntry};
use runtime::{auth::principal, parse_id, timestamp};
use tonic::{Request, Status};

use super::{Api, read};

pub(super) async fn handle(api: &Api, request: &Request<GetTimelineRequest>) -> Result<Timeline, Status> {
    let principal = principal(request)?;
    let id = parse_id::<OrderId>("order_id", &request.get_ref().order_id)?;
    let (order, _) = read::order(api, principal.organisation, id).await?;
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
