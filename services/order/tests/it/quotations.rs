//! Quotations: a seller's price for one buyer, used once.

use std::time::Duration;

use harness::{Identity, fields, reason, until, usd};
use kernel::{Clock, OrganisationId, VariantId};
use proto::order::v1::{
    CheckoutState, CreateCheckoutRequest, CreateQuotationRequest, DeclineQuotationRequest, GetQuotationRequest, ListQuotationsRequest,
    OrderState, Quotation, QuotationLine, QuotationState, WithdrawQuotationRequest,
};
use runtime::{SystemClock, timestamp};
use tonic::{Code, Status};

use crate::{
    instance::Client,
    peers::Fault,
    sale::cancel,
    trade::Trade,
    world::{World, organisation, request, worlds},
};

/// Ten pieces at 0.80 each, with 3.00 of freight.
pub(crate) fn offer(buyer: OrganisationId, variant: VariantId, open: Duration) -> CreateQuotationRequest {
    CreateQuotationRequest {
        request_id: String::new(),
        buyer_id: buyer.to_string(),
        lines: vec![QuotationLine {
            variant_id: variant.to_string(),
            quantity: 10,
            price: usd(80),
            unit_quantity: 0,
        }],
        freight: usd(300),
        expire_time: Some(timestamp(SystemClock.now().plus(open))),
        note: "because it is you".to_owned(),
    }
}

pub(crate) const LONG: Duration = Duration::from_secs(3_600);

/// Fifty pieces at 1.00 each.
pub(crate) async fn trade(world: World) -> Trade {
    Trade::with(world, 100, 50).await
}

impl Trade {
    pub(crate) async fn quote(&self, open: Duration) -> Quotation {
        quote(&self.seller(), offer(self.buyer, self.variant, open)).await.unwrap()
    }

    pub(crate) async fn get(&self, id: &str) -> Quotation {
        let request = GetQuotationRequest {
            quotation_id: id.to_owned(),
        };
        self.buyer().quotations.get_quotation(request).await.unwrap().into_inner()
    }
}

pub(crate) async fn quote(client: &Client, request: CreateQuotationRequest) -> Result<Quotation, Status> {
    client
        .quotations
        .clone()
        .create_quotation(request)
        .await
        .map(tonic::Response::into_inner)
}

pub(crate) fn at(quotation: &Quotation, key: &str) -> CreateCheckoutRequest {
    CreateCheckoutRequest {
        quotation_ids: vec![quotation.id.clone()],
        ..request(key, &[])
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quotation_sets_price_and_freight_and_is_used_once() {
    for world in worlds().await {
        let trade = trade(world).await;
        let quotation = trade.quote(LONG).await;
        assert_eq!(
            (quotation.state(), quotation.total.as_ref().unwrap().minor_units),
            (QuotationState::Open, 1_100)
        );

        // Together with goods of the same seller at the catalog's price: two orders, because the freight is agreed for the quotation alone.
        let mut wish = at(&quotation, "k");
        wish.lines = request("", &[(trade.variant, 1)]).lines;
        let checkout = trade.buyer().check_out(wish).await.unwrap();
        assert_eq!(checkout.orders.len(), 2);
        let order = checkout.orders.iter().find(|order| order.quotation_id == quotation.id).unwrap();
        let amounts = [&order.lines[0].net, &order.lines[0].gross, &order.freight, &order.total];
        assert_eq!(amounts.map(|money| money.as_ref().unwrap().minor_units), [800, 952, 300, 1_252]);

        let used = trade.get(&quotation.id).await;
        assert_eq!(
            (used.state(), used.checkout_id.as_str()),
            (QuotationState::Used, checkout.id.as_str())
        );
        let again = trade.buyer().check_out(at(&quotation, "again")).await.unwrap_err();
        assert_eq!(
            (reason(&again).as_str(), fields(&again)),
            ("ILLEGAL_STATE", vec!["quotation_ids[0]".to_owned()])
        );
        trade.world.rests().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seller_of_all_orders_of_a_checkout_cancels_them_before_payment() {
    for world in worlds().await {
        let trade = trade(world).await;
        let mut wish = at(&trade.quote(LONG).await, "k");
        wish.lines = request("", &[(trade.variant, 1)]).lines;
        let checkout = trade.buyer().check_out(wish).await.unwrap();
        assert_eq!(checkout.orders.len(), 2);
        let cancelled = cancel(&trade.seller(), &checkout.orders[0].id, "c").await.unwrap();
        assert_eq!(cancelled.state(), OrderState::Cancelled);
        assert_eq!(trade.buyer().order(&checkout.orders[1].id).await.state(), OrderState::Cancelled);
        until("the stock is back", || async {
            trade.world.logistics.available(trade.variant) == 50
        })
        .await;
        trade.world.rests().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_checkouts_at_once_one_gets_the_quotation() {
    for world in worlds().await {
        let trade = trade(world).await;
        let quotation = trade.quote(LONG).await;
        let client = trade.buyer();
        let all = futures::future::join_all((0..8).map(|key| client.check_out(at(&quotation, &key.to_string())))).await;
        assert_eq!(all.iter().filter(|checkout| checkout.is_ok()).count(), 1);
        assert_eq!(trade.world.logistics.available(trade.variant), 40);
        trade.world.rests().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checkout_that_fails_or_is_never_paid_gives_it_back() {
    for world in worlds().await {
        let trade = trade(world).await;
        let quotation = trade.quote(LONG).await;
        trade.world.payment.faults.plan("OpenIntent", [Fault::Refuse]);
        assert_eq!(
            reason(&trade.buyer().check_out(at(&quotation, "a")).await.unwrap_err()),
            "PAYMENT_REFUSED"
        );
        assert_eq!(trade.get(&quotation.id).await.state(), QuotationState::Open);

        let checkout = trade.buyer().check_out(at(&quotation, "b")).await.unwrap();
        trade.world.payment.cancel_by_itself(&checkout.payment_id).await;
        until("it is open again", || async {
            trade.get(&quotation.id).await.state() == QuotationState::Open
        })
        .await;

        // Paid and refunded, it was used.
        let checkout = trade.buyer().check_out(at(&quotation, "c")).await.unwrap();
        assert_eq!(checkout.state(), CheckoutState::Open);
        trade.world.logistics.lose(&checkout.orders[0].id);
        trade.world.payment.pay(&checkout.payment_id).await;
        trade.buyer().until(&checkout.orders[0].id, OrderState::Cancelled).await;
        assert_eq!(trade.get(&quotation.id).await.state(), QuotationState::Used);
        trade.world.rests().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quotation_is_for_own_goods_and_names_what_is_wrong() {
    for world in worlds().await {
        let trade = trade(world).await;
        let others = trade.world.goods(organisation(), 100, 50);
        let refused = quote(&trade.seller(), offer(trade.buyer, others, LONG)).await.unwrap_err();
        assert_eq!(
            (reason(&refused).as_str(), fields(&refused)),
            ("NOT_FOR_SALE", vec!["lines[0].variant_id".to_owned()])
        );

        let refused = quote(&trade.seller(), offer(Identity::nobody(), trade.variant, LONG))
            .await
            .unwrap_err();
        assert_eq!(
            (refused.code(), fields(&refused)),
            (Code::InvalidArgument, vec!["buyer_id".to_owned()])
        );

        let mut bad = offer(trade.seller, trade.variant, Duration::from_secs(100 * 24 * 3_600));
        bad.lines[0].quantity = -1;
        bad.lines[0].price = usd(0);
        bad.freight = usd(-1);
        let refused = quote(&trade.seller(), bad).await.unwrap_err();
        let expected = [
            "buyer_id",
            "freight.minor_units",
            "lines[0].quantity",
            "lines[0].price.minor_units",
            "expire_time",
        ];
        assert_eq!(fields(&refused), expected);

        let mut nothing = offer(trade.buyer, trade.variant, LONG);
        nothing.lines[0].unit_quantity = 10_000;
        let refused = quote(&trade.seller(), nothing).await.unwrap_err();
        assert_eq!(fields(&refused), ["lines[0].quantity"]);

        let mut euros = offer(trade.buyer, trade.variant, LONG);
        euros.lines.push(euros.lines[0].clone());
        euros.freight.as_mut().unwrap().currency = "EUR".to_owned();
        let refused = quote(&trade.seller(), euros).await.unwrap_err();
        assert_eq!(fields(&refused)[..2], ["lines[0].price.currency", "lines[1].variant_id"]);
        assert_eq!(list(&trade.seller(), "seller").await, 0);
        trade.world.rests().await;
    }
}

async fn withdraw(client: &Client, quotation: &Quotation) -> Result<Quotation, Status> {
    let request = WithdrawQuotationRequest {
        quotation_id: quotation.id.clone(),
        ..WithdrawQuotationRequest::default()
    };
    let withdrawn = client.quotations.clone().withdraw_quotation(request).await;
    withdrawn.map(tonic::Response::into_inner)
}

async fn decline(client: &Client, quotation: &Quotation) -> Result<Quotation, Status> {
    let request = DeclineQuotationRequest {
        quotation_id: quotation.id.clone(),
        ..DeclineQuotationRequest::default()
    };
    let declined = client.quotations.clone().decline_quotation(request).await;
    declined.map(tonic::Response::into_inner)
}

async fn list(client: &Client, side: &str) -> usize {
    let request = ListQuotationsRequest {
        side: side.to_owned(),
        ..ListQuotationsRequest::default()
    };
    client
        .quotations
        .clone()
        .list_quotations(request)
        .await
        .unwrap()
        .into_inner()
        .quotations
        .len()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_side_ends_it_in_its_own_way_and_strangers_do_not_know_it() {
    for world in worlds().await {
        let trade = trade(world).await;
        let (first, second) = (trade.quote(LONG).await, trade.quote(LONG).await);
        let stranger = trade.instance.client(organisation());
        assert_eq!(withdraw(&stranger, &first).await.unwrap_err().code(), Code::NotFound);
        for refused in [withdraw(&trade.buyer(), &first).await, decline(&trade.seller(), &first).await] {
            assert_eq!(refused.unwrap_err().code(), Code::PermissionDenied);
        }
        assert_eq!(stranger.check_out(at(&first, "")).await.unwrap_err().code(), Code::NotFound);

        let withdrawn = withdraw(&trade.seller(), &first).await.unwrap();
        assert_eq!(
            (withdrawn.state(), &withdrawn),
            (QuotationState::Withdrawn, &trade.get(&first.id).await)
        );
        let declined = decline(&trade.buyer(), &second).await.unwrap();
        assert_eq!(declined.state(), QuotationState::Declined);
        for quotation in [&first, &second] {
            assert_eq!(
                reason(&trade.buyer().check_out(at(quotation, "")).await.unwrap_err()),
                "ILLEGAL_STATE"
            );
        }
        let lists = [
            list(&trade.buyer(), "buyer").await,
            list(&trade.seller(), "seller").await,
            list(&stranger, "").await,
        ];
        assert_eq!(lists, [2, 2, 0]);
        trade.world.rests().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quotation_of_more_than_can_be_paid_names_what_takes_it_there() {
    const MOST: i64 = kernel::Money::MOST_PAYABLE;
    for world in worlds().await {
        let trade = trade(world).await;
        let other = trade.world.goods(trade.seller, 100, 50);
        let quoted = async |freight: i64, prices: &[i64]| {
            let lines = [trade.variant, other]
                .into_iter()
                .zip(prices)
                .map(|(variant, price)| QuotationLine {
                    variant_id: variant.to_string(),
                    quantity: 1,
                    price: usd(*price),
                    unit_quantity: 0,
                });
            let request = CreateQuotationRequest {
                lines: lines.collect(),
                freight: usd(freight),
                ..offer(trade.buyer, trade.variant, LONG)
            };
            quote(&trade.seller(), request).await.map_err(|refused| fields(&refused))
        };
        assert_eq!(quoted(MOST, &[500]).await, Err(vec!["lines[0]".to_owned()]));
        assert_eq!(quoted(MOST + 1, &[500]).await, Err(vec!["freight.minor_units".to_owned()]));
        assert_eq!(quoted(0, &[MOST / 2, MOST / 2 + 1]).await, Err(vec!["lines[1]".to_owned()]));
        assert_eq!(quoted(0, &[MOST + 1, 1]).await, Err(vec!["lines[0].quantity".to_owned()]));
        assert_eq!(quoted(MOST / 2, &[i64::MAX]).await, Err(vec!["lines[0].quantity".to_owned()]));
        // Its tax, which only the checkout adds, is too much for this one.
        let most = quoted(500, &[MOST - 501, 1]).await.unwrap();
        assert_eq!(most.total, usd(MOST));
        let refused = trade.buyer().check_out(at(&most, "")).await.unwrap_err();
        assert_eq!(
            (reason(&refused).as_str(), fields(&refused)),
            ("AMOUNT_TOO_LARGE", vec!["quotation_ids[0]".to_owned()])
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_in_another_currency_than_the_freight_are_told_so_and_nothing_else() {
    for world in worlds().await {
        let trade = trade(world).await;
        let mut request = offer(trade.buyer, trade.variant, LONG);
        request.freight.as_mut().unwrap().currency = "EUR".to_owned();
        let refused = quote(&trade.seller(), request).await.unwrap_err();
        assert_eq!(fields(&refused), ["lines[0].price.currency"]);
    }
}
