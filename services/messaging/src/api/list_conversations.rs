//! The acting organisation's conversations, the liveliest first.

use std::cmp::Reverse;

use kernel::PageToken;
use proto::messaging::v1::{ListConversationsRequest, ListConversationsResponse};
use runtime::{Violations, auth::principal};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use store::{Aggregate, Error, latest_first};
use tonic::{Request, Status};

use super::{Api, present, unread};
use crate::{
    domain::{Refusal, conversation::Conversation},
    store::conversation::row::{Column, Entity},
};

pub(super) async fn handle(api: &Api, request: &Request<ListConversationsRequest>) -> Result<ListConversationsResponse, Status> {
    let own = principal(request)?.organisation;
    let request = request.get_ref();
    let mut check = Violations::new();
    let page = check.page(request.page_size, &request.page_token, ("conversations", own));
    check.check()?;
    // Those that it opened and those that others opened with it: an index for each, and a page of each is enough for a page of both.
    let side = |column: Column| {
        let select = Entity::find().filter(column.eq(own.uuid()));
        latest_first(select, Column::Activity, &page).all(api.store.db())
    };
    let (mut rows, joined) = tokio::try_join!(side(Column::Owner), side(Column::Other)).map_err(unread)?;
    rows.extend(joined);
    rows.sort_unstable_by_key(|row| Reverse((row.activity, row.id)));
    let next_page_token = page.cut(&mut rows, |row| PageToken {
        position: row.activity,
        id: row.id,
    });
    let conversations = rows.into_iter().map(Conversation::from_row).collect::<Result<Vec<_>, _>>();
    let conversations = conversations.map_err(Error::<Refusal>::from)?;
    Ok(ListConversationsResponse {
        conversations: conversations.iter().map(present::conversation).collect(),
        next_page_token,
    })
}
