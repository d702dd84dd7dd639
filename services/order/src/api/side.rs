//! Lists of one party's things.

use std::hash::Hash;

use kernel::{OrganisationId, Page};
use runtime::{Problem, Violations};

use crate::domain::Party;

/// What a request for a list asks for.
pub(super) struct Asked<'a> {
    pub(super) side: &'a str,
    pub(super) page_size: i32,
    pub(super) page_token: &'a str,
}

/// Whose side of the trade is asked for, and which page of the list of this name.
pub(super) fn read(
    name: &'static str,
    organisation: OrganisationId,
    asked: &Asked<'_>,
) -> Result<(Party, Page<impl Hash + use<>>), Problem> {
    let mut check = Violations::new();
    let side = match asked.side {
        // The buyer's, when the request does not say.
        "" | "buyer" => Party::Buyer,
        "seller" => Party::Seller,
        _ => {
            check.add("side", "must be `buyer` or `seller`");
            Party::Buyer
        }
    };
    let page = check.page(asked.page_size, asked.page_token, (name, side == Party::Buyer, organisation));
    check.finish(())?;
    Ok((side, page))
}
