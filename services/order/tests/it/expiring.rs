//! Quotations whose time runs out.

use std::time::Duration;

use harness::{reason, until};
use proto::order::v1::{CreateQuotationRequest, QuotationState};

use crate::{
    quotations::{LONG, at, offer, quote, trade},
    sale::cancel,
    world::worlds,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_quotation_expires() {
    for world in worlds().await {
        let trade = trade(world).await;
        let quotation = trade.quote(Duration::from_secs(3)).await;
        let again = CreateQuotationRequest {
            request_id: "key".to_owned(),
            ..offer(trade.buyer, trade.variant, Duration::from_secs(3))
        };
        let first = quote(&trade.seller(), again.clone()).await.unwrap();
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
        let quotation = trade.quote(Duration::from_secs(3)).await;
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
