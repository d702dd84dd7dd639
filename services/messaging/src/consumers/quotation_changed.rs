//! A quotation was made, used, declined or withdrawn, or its time ran out.

use ::store::Store;
use events::{Event, Failure};
use proto::order::v1::QuotationChanged;
use runtime::read_money;

use super::tell;
use crate::domain::news::{News, QuotationStep};

pub(super) async fn handle(store: Store, event: Event, step: QuotationStep) -> Result<(), Failure> {
    let body: QuotationChanged = event.decode()?;
    let news = News::Quotation {
        quotation: body.quotation_id.parse()?,
        buyer: body.buyer_id.parse()?,
        seller: body.seller_id.parse()?,
        total: read_money(body.total.as_ref())?,
        step,
    };
    tell(store, &event, news).await
}
