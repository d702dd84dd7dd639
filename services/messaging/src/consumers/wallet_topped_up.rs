//! Money came into a wallet, perhaps days after it was sent.

use ::store::Store;
use events::{Event, Failure};
use proto::payment::v1::WalletToppedUp;
use runtime::read_money;

use super::tell;
use crate::domain::news::News;

pub(super) async fn handle(store: Store, event: Event) -> Result<(), Failure> {
    let body: WalletToppedUp = event.decode()?;
    let news = News::ToppedUp {
        payment: body.payment_id.parse()?,
        owner: body.owner_id.parse()?,
        amount: read_money(body.amount.as_ref())?,
    };
    tell(store, &event, news).await
}
