//! The acting organisation's notifications, newest first.

use proto::messaging::v1::{ListNotificationsRequest, ListNotificationsResponse};
use runtime::{Violations, auth::principal};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use tonic::{Request, Status};

use super::{Api, present};
use crate::{
    domain::notification::Notification,
    store::notification::row::{Column, Entity, Model},
};

pub(super) async fn handle(api: &Api, request: &Request<ListNotificationsRequest>) -> Result<ListNotificationsResponse, Status> {
    let own = principal(request)?.organisation;
    let request = request.get_ref();
    let mut check = Violations::new();
    let list = ("notifications", request.unread_only, own);
    let page = check.page(request.page_size, &request.page_token, list);
    check.finish(())?;
    let mut select = Entity::find().filter(Column::Owner.eq(own.uuid()));
    if request.unread_only {
        select = select.filter(Column::Read.eq(false));
    }
    let created = |row: &Model| row.created;
    let (notifications, next_page_token) = api.store.latest::<Notification, _>(select, Column::Created, created, &page).await?;
    Ok(ListNotificationsResponse {
        notifications: notifications
            .iter()
            .map(|notification| present::notification(notification))
            .collect(),
        next_page_token,
    })
}
