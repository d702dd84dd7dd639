//! Sets how many of a variant the basket holds.

use kernel::VariantId;
use proto::order::v1::{Cart as CartMessage, SetCartLineRequest};
use runtime::{Violations, auth::principal};
use store::{Cause, Keys};
use tonic::{Request, Status};

use super::{Api, get_cart};
use crate::domain::{Cart, Refusal};

/// More pieces than anybody orders at once.
const MOST: i64 = 1_000_000_000_000;

pub(super) async fn handle(api: &Api, request: &Request<SetCartLineRequest>) -> Result<CartMessage, Status> {
    let principal = principal(request)?;
    let request = request.get_ref();
    let mut check = Violations::new();
    let variant = check.id::<VariantId>("variant_id", &request.variant_id);
    check.require(
        (0..=MOST).contains(&request.quantity),
        "quantity",
        "must be between 0, which takes the line out, and 1,000,000,000,000",
    );
    let variant = check.finish(variant)?;

    let (owner, quantity) = (principal.organisation, request.quantity);
    let cause = Cause::request(owner, "SetCartLine", &request.request_id, request);
    let set = api
        .store
        .execute::<(), Refusal, _>(cause, Keys::new().one::<Cart>(owner), move |work| {
            if let Some(cart) = work.change::<Cart>(owner) {
                return cart.set(variant, quantity);
            }
            let mut cart = Cart::empty(owner);
            cart.set(variant, quantity)?;
            work.insert(cart);
            Ok(())
        });
    set.await?;
    Ok(get_cart::priced(api, owner).await?)
}
