//! The acting organisation's notifications, newest first.

use proto::messaging::v1::{ListNotificationsRequest, ListNotificationsResponse};
use runtime::{Violations, auth::principal};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use tonic::{Request, Status};

use super::{Api, page::Page, present, unread};
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
    let page = Page { list, size, after };
    let mut select = Entity::find().filter(Column::Owner.eq(own.uuid()));
    if request.unread_only {
        select = select.filter(Column::Read.eq(false));
    }
    let rows = page.of(select, Column::Created, Column::Id).all(api.store.db()).await;
    let (notifications, next_page_token) = page.cut(rows.map_err(unread)?, |notification: &Notification| notification.created)?;
    Ok(ListNotificationsResponse {
        notifications: notifications
            .iter()
            .map(|notification| present::notification(notification))
            .collect(),
        next_page_token,
    })
}
