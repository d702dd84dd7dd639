//! Quotations whose time runs out.

use std::time::Duration;

use harness::{fields, reason, until};
use proto::order::v1::{CreateQuotationRequest, Quotation, QuotationState};

use crate::{
    quotations::{LONG, at, offer, quote, trade},
    sale::cancel,
    trade::Trade,
    world::worlds,
};

impl Trade {
    /// A quotation that expires in a few seconds, and how it was asked for. A slow machine may have too few of them left, and gets more.
    async fn quote_briefly(&self, key: &str) -> (CreateQuotationRequest, Quotation) {
        let mut open = Duration::from_secs(3);
        loop {
            let request = CreateQuotationRequest {
                request_id: key.to_owned(),
                ..offer(self.buyer, self.variant, open)
            };
            match quote(&self.seller(), request.clone()).await {
                Ok(quotation) => return (request, quotation),
                Err(refused) => assert_eq!(fields(&refused), ["expire_time"]),
            }
            open *= 2;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quotation_expires() {
    for world in worlds().await {
        let trade = trade(world).await;
        let (_, quotation) = trade.quote_briefly("").await;
        let (again, first) = trade.quote_briefly("key").await;
        until("it expired", || async {
            trade.get(&quotation.id).await.state() == QuotationState::Expired
                && trade.get(&first.id).await.state() == QuotationState::Expired
        })
        .await;
        // The same request hears what it heard, although nobody could ask for it now.
        assert_eq!(quote(&trade.seller(), again).await.unwrap(), first);
        assert_eq!(
            reason(&trade.buyer().check_out(at(&quotation, "")).await.unwrap_err()),
            "ILLEGAL_STATE"
        );
        trade.world.rests().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quotation_expires_by_itself_even_if_the_clock_is_set_back() {
    for world in worlds().await {
        let trade = trade(world).await;
        let (_, quotation) = trade.quote_briefly("").await;
        trade.world.make_due("quotation_expiry").await;
        until("it expires", || async {
            trade.get(&quotation.id).await.state() == QuotationState::Expired
        })
        .await;

        // One whose time came by a clock that was ahead, while a checkout held it, has its timer again with the checkout's end.
        let quotation = trade.quote(LONG).await;
        let checkout = trade.buyer().check_out(at(&quotation, "")).await.unwrap();
        trade.world.make_due("quotation_expiry").await;
        until("its timer is over", || async {
            trade.world.timers("kind = 'quotation_expiry'").await == 0
        })
        .await;
        cancel(&trade.buyer(), &checkout.orders[0].id, "").await.unwrap();
        assert_eq!(trade.get(&quotation.id).await.state(), QuotationState::Open);
        assert_eq!(trade.world.timers("kind = 'quotation_expiry'").await, 1);
        trade.world.rests().await;
    }
}
