//! Lists of one party's things.

use std::hash::Hash;

use kernel::{OrganisationId, Page};
use runtime::{Problem, Violations};

use crate::domain::Party;

/// Whose side of the trade is asked for, and which page of the list of this name.
pub(super) fn read(
    name: &'static str,
    organisation: OrganisationId,
    side: &str,
    page_size: i32,
    page_token: &str,
) -> Result<(Party, Page<impl Hash + use<>>), Problem> {
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
    let page = check.page(page_size, page_token, (name, side == Party::Buyer, organisation));
    check.finish(())?;
    Ok((side, page))
}
