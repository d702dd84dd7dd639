//! The acting organisation's conversations, the liveliest first.

use std::cmp::Reverse;

use kernel::PageToken;
use proto::messaging::v1::{ListConversationsRequest, ListConversationsResponse};
use runtime::{Violations, auth::principal};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use store::latest_first;
use tonic::{Request, Status};

use super::{Api, present};
use crate::{
    domain::conversation::Conversation,
    store::conversation::row::{Column, Entity},
};

pub(super) async fn handle(api: &Api, request: &Request<ListConversationsRequest>) -> Result<ListConversationsResponse, Status> {
    let own = principal(request)?.organisation;
    let request = request.get_ref();
    let mut check = Violations::new();
    let page = check.page(request.page_size, &request.page_token, ("conversations", own));
    check.finish(())?;
    // Those that it opened and those that others opened with it: an index for each, and a page of each is enough for a page of both.
    let side = |column: Column| {
        let select = Entity::find().filter(column.eq(own.uuid()));
        api.store.select::<Conversation>(latest_first(select, Column::Activity, &page))
    };
    let (mut conversations, joined) = tokio::try_join!(side(Column::Owner), side(Column::Other))?;
    conversations.extend(joined);
    conversations.sort_unstable_by_key(|conversation| Reverse((conversation.activity(), conversation.id)));
    let next_page_token = page.cut(&mut conversations, |conversation| PageToken {
        position: conversation.activity().micros(),
        id: conversation.id.uuid(),
    });
    Ok(ListConversationsResponse {
        conversations: conversations.iter().map(present::conversation).collect(),
        next_page_token,
    })
}
