//! Lists of what one party bought or sold, newest first.

use std::hash::Hash;

use kernel::{OrganisationId, PageToken};
use runtime::{Problem, Violations};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use store::{
    Aggregate, Stored,
    page::{cut, newest_first},
};

use super::Api;
use crate::domain::Party;

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
        let own = <A::Entity as EntityTrait>::find().filter(party.eq(organisation.uuid()));
        let select = newest_first(own, id, self.after, self.size);
        let mut found = api.store.select::<A>(select).await?;
        let next_page_token = cut(&mut found, self.size, &self.list, |one| (0, one.id().into()));
        Ok((found, next_page_token))
    }
}
