//! The buyer is content, or the inspection window has run out: the seller gets the money, less the fee.

use events::{Event, Failure};
use proto::order::v1::OrderChanged;
use store::Store;

use crate::{domain::escrow::Ending, ending_escrows};

pub(super) async fn handle(store: Store, event: Event) -> Result<(), Failure> {
    let body: OrderChanged = event.decode()?;
    let cause = event.cause();
    ending_escrows::end(&store, cause, body.order_id.parse()?, Ending::Release).await
}
