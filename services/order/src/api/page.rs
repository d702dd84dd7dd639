//! Lists of one party's things, newest first: keyset paging by id, because later ids sort later.

use std::hash::Hash;

use kernel::{OrganisationId, PageToken};
use runtime::{Problem, Violations};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use store::{Aggregate, Error, Stored};
use uuid::Uuid;

use super::Api;
use crate::domain::{Party, Refusal};

/// Which part of which list is asked for.
pub(super) struct Page<L> {
    /// Whose side of the trade.
    pub(super) side: Party,
    list: L,
    size: u64,
    after: Option<PageToken>,
}

/// Checks a request for a page of the list of this name.
pub(super) fn read(
    name: &'static str,
    organisation: OrganisationId,
    (size, token, side): (i32, &str, &str),
) -> Result<Page<impl Hash + use<>>, Problem> {
    let mut check = Violations::new();
    let side = match side {
        // The buyer's, when the request does not say.
        "" | "buyer" => Party::Buyer,
        "seller" => Party::Seller,
        _ => {
            check.add("side", "must be `buyer` or `seller`");
            Party::Buyer
        }
    };
    let list = (name, side == Party::Buyer, organisation);
    let (size, after) = check.page(size, token, &list);
    check.check()?;
    Ok(Page { side, list, size, after })
}

impl<L: Hash> Page<L> {
    /// Those whose `party` is the organisation, and the token of the next page; empty when there is none.
    pub(super) async fn load<A, C>(
        &self,
        api: &Api,
        organisation: OrganisationId,
        party: C,
        id: C,
    ) -> Result<(Vec<Stored<A>>, String), Problem>
    where
        A: Aggregate<Entity: EntityTrait<Column = C>>,
        C: ColumnTrait,
    {
        let mut select = <A::Entity as EntityTrait>::find().filter(party.eq(organisation.uuid()));
        if let Some(after) = self.after {
            select = select.filter(id.lt(after.id));
        }
        let rows = select.order_by_desc(id).limit(self.size + 1).all(api.store.db()).await;
        let mut rows = rows.map_err(Error::<Refusal>::from)?;
        let more = rows.len() as u64 > self.size;
        rows.truncate(usize::try_from(self.size).unwrap_or(usize::MAX));
        let page = rows.into_iter().map(A::from_row).collect::<Result<Vec<_>, _>>();
        let page = page.map_err(Error::<Refusal>::from)?;
        let next = page.last().filter(|_| more).map(|last| {
            let id: Uuid = last.id().into();
            PageToken { position: 0, id }.encode(&self.list)
        });
        Ok((page, next.unwrap_or_default()))
    }
}
