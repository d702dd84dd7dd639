//! Published products, newest first, all or one store's; whoever asks for it sees their own in every state among them.

use std::hash::Hash;

use ::store::{newest_first, unread};
use bytes::Bytes;
use kernel::{OrganisationId, Page, PageToken, ProductId, StoreId};
use proto::catalog::v1::ListProductsRequest;
use runtime::{Problem, Violations};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QuerySelect, prelude::Uuid, sea_query::SimpleExpr};
use tonic::{Request, Status};

use super::{Api, encoded::Encoded, organisation};
use crate::{domain::State, store::product::row};

/// How many bytes of products a page has at most, unless it has one alone:
/// a product may take up a quarter of a mebibyte, and anybody may ask.
const MOST_BYTES: usize = 2 << 20;

pub(super) async fn handle(api: &Api, request: &Request<ListProductsRequest>) -> Result<Encoded, Status> {
    let caller = organisation(request);
    let request = request.get_ref();
    let mut check = Violations::new();
    let shop = check.optional_id::<StoreId>("store_id", &request.store_id);
    // Whose products are shown in every state; published products only when it is nobody's.
    let owner = caller.filter(|_| request.include_unpublished);
    let page = check.page(request.page_size, &request.page_token, ("products", shop, owner));
    check.finish(())?;
    if request.include_unpublished && owner.is_none() {
        return Err(Problem::unauthenticated("sign in to see what is not published").into());
    }

    let name = format!("{shop:?} {owner:?} {} {}", page.size(), request.page_token);
    let key = match api.cache.page(name.into_bytes()) {
        Ok(page) => return Ok(Encoded::new(page)),
        Err(key) => key,
    };
    let mut ids = ids(api, shop, owner, &page).await.map_err(unread)?;
    let mut next_page_token = page.cut(&mut ids, |id| PageToken::at(*id));
    let mut products = api.cache.products(ids).await?;
    // Archived a moment ago, after its id was read.
    products.retain(|listed| listed.product.is_visible_to(owner));
    products.sort_unstable_by_key(|listed| std::cmp::Reverse(listed.product.id));
    let whole = products.iter().scan(0, |bytes, listed| {
        *bytes += listed.encoded.len();
        Some(*bytes)
    });
    let fitting = whole.take_while(|bytes| *bytes <= MOST_BYTES).count().max(1);
    if fitting < products.len() {
        products.truncate(fitting);
        next_page_token = page.token(PageToken::at(products[fitting - 1].product.id));
    }
    let encoded = Bytes::from(Encoded::list(products.iter().map(|listed| &listed.encoded), &next_page_token));
    api.cache.put_page(key, encoded.clone());
    Ok(Encoded::new(encoded))
}

/// The ids of a page and of at least one more product when there is one, newest first. What is published and what is the owner's are asked
/// for apart, so that an index answers either without touching the rows.
async fn ids(api: &Api, shop: Option<StoreId>, owner: Option<OrganisationId>, page: &Page<impl Hash>) -> Result<Vec<ProductId>, DbErr> {
    let mut ids = ids_where(api, shop, row::Column::State.eq(State::Published.name()), page).await?;
    if let Some(owner) = owner {
        ids.extend(ids_where(api, shop, row::Column::Owner.eq(owner.uuid()), page).await?);
        ids.sort_unstable_by_key(|id| std::cmp::Reverse(*id));
        ids.dedup();
    }
    Ok(ids)
}

async fn ids_where(api: &Api, shop: Option<StoreId>, shown: SimpleExpr, page: &Page<impl Hash>) -> Result<Vec<ProductId>, DbErr> {
    let mut select = row::Entity::find().select_only().column(row::Column::Id).filter(shown);
    if let Some(shop) = shop {
        select = select.filter(row::Column::Store.eq(shop.uuid()));
    }
    let ids = newest_first(select, page).into_tuple::<Uuid>().all(api.store.db()).await?;
    Ok(ids.into_iter().map(ProductId::from_uuid).collect())
}
