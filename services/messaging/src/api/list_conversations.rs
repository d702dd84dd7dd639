//! The acting organisation's conversations, the liveliest first.

use std::cmp::Reverse;

use proto::messaging::v1::{ListConversationsRequest, ListConversationsResponse};
use runtime::{Violations, auth::principal};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use tonic::{Request, Status};

use super::{Api, page::Page, present, unread};
use crate::{
    domain::conversation::Conversation,
    store::conversation::row::{Column, Entity},
};

pub(super) async fn handle(api: &Api, request: &Request<ListConversationsRequest>) -> Result<ListConversationsResponse, Status> {
    let own = principal(request)?.organisation;
    let request = request.get_ref();
    let list = ("conversations", own);
    let mut check = Violations::new();
    let (size, after) = check.page(request.page_size, &request.page_token, &list);
    check.check()?;
    let page = Page { list, size, after };
    // Those that it opened and those that others opened with it: an index for each, and a page of each is enough for a page of both.
    let side = |column: Column| {
        let select = Entity::find().filter(column.eq(own.uuid()));
        page.of(select, Column::Activity, Column::Id).all(api.store.db())
    };
    let (mut rows, joined) = tokio::try_join!(side(Column::Owner), side(Column::Other)).map_err(unread)?;
    rows.extend(joined);
    rows.sort_unstable_by_key(|row| Reverse((row.activity, row.id)));
    let (conversations, next_page_token) = page.cut(rows, Conversation::activity)?;
    Ok(ListConversationsResponse {
        conversations: conversations.iter().map(present::conversation).collect(),
        next_page_token,
    })
}
