//! The acting organisation's notifications, newest first.

use proto::messaging::v1::{ListNotificationsRequest, ListNotificationsResponse};
use runtime::{Violations, auth::principal};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use store::page;
use tonic::{Request, Status};

use super::{Api, present};
use crate::{
    domain::notification::Notification,
    store::notification::row::{Column, Entity},
};

pub(super) async fn handle(api: &Api, request: &Request<ListNotificationsRequest>) -> Result<ListNotificationsResponse, Status> {
    let own = principal(request)?.organisation;
    let request = request.get_ref();
    let list = ("notifications", request.unread_only, own);
    let mut check = Violations::new();
    let (size, after) = check.page(request.page_size, &request.page_token, &list);
    check.check()?;
    let mut select = Entity::find().filter(Column::Owner.eq(own.uuid()));
    if request.unread_only {
        select = select.filter(Column::Read.eq(false));
    }
    let select = page::latest_first(select, (Column::Created, Column::Id), after, size);
    let mut notifications = api.store.select::<Notification>(select).await?;
    let next_page_token = page::cut(&mut notifications, size, &list, |notification| {
        (notification.created.micros(), notification.id.uuid())
    });
    let notifications = notifications.iter().map(|notification| present::notification(notification));
    Ok(ListNotificationsResponse {
        notifications: notifications.collect(),
        next_page_token,
    })
}
