//! A notification has been seen.

use kernel::NotificationId;
use proto::messaging::v1::{self as v1, MarkNotificationReadRequest};
use runtime::{auth::principal, parse_id};
use store::Cause;
use tonic::{Request, Status};

use super::{Api, present, read};
use crate::domain::{Refusal, notification::Notification};

pub(super) async fn handle(api: &Api, request: &Request<MarkNotificationReadRequest>) -> Result<v1::Notification, Status> {
    let own = principal(request)?.organisation;
    let request = request.get_ref();
    let id = parse_id::<NotificationId>("notification_id", &request.notification_id)?;
    read::notification(api, own, id).await?;

    let cause = Cause::request(own, "MarkNotificationRead", &request.request_id, request);
    let seen = move |notification: &mut Notification| notification.mark_read(own);
    let seen = api.store.update::<Notification, Refusal, _>(cause, id, seen).await?;
    Ok(present::notification(&seen))
}
