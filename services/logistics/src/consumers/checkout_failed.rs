//! A checkout failed: what it had reserved is given back.

use std::sync::Arc;

use events::{Event, Failure};
use proto::order::v1::CheckoutFailed;

use crate::{api::Api, told};

pub(super) async fn handle(api: Arc<Api>, event: Event) -> Result<(), Failure> {
    let failed: CheckoutFailed = event.decode()?;
    let cause = event.cause();
    told::release_checkout(&api.store, cause, failed.checkout_id.parse()?).await?;
    Ok(())
}
