//! Carts: what is in them, what it costs today, and how it is ordered.

use futures::future::join_all;
use harness::{fields, reason, until};
use kernel::{Money, VariantId};
use proto::order::v1::{Cart, CheckoutState, GetCartRequest, LineRefusal, SetCartLineRequest};
use tonic::{Code, Status};

use crate::{
    instance::Client,
    peers::{Fault, catalog::Listing},
    world::{organisation, quick, request, worlds},
};

async fn set(client: &Client, variant: VariantId, quantity: i64) -> Result<Cart, Status> {
    let request = SetCartLineRequest {
        request_id: String::new(),
        variant_id: variant.to_string(),
        quantity,
    };
    client.carts.clone().set_cart_line(request).await.map(tonic::Response::into_inner)
}

async fn get(client: &Client) -> Cart {
    client.carts.clone().get_cart(GetCartRequest {}).await.unwrap().into_inner()
}

/// Why each line cannot be sold.
fn refusals(cart: &Cart) -> Vec<Option<LineRefusal>> {
    let lines = cart.lines.iter();
    lines.map(|line| line.refusal.map(|_| line.refusal())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cart_is_priced_whenever_it_is_looked_at() {
    for world in worlds().await {
        let instance = world.instance(quick()).await;
        let seller = organisation();
        let (first, least) = (
            world.goods(seller, 100, 10),
            world.listed(
                Listing {
                    least: 5,
                    ..Listing::new(seller, 7)
                },
                10,
            ),
        );
        let client = instance.client(organisation());
        assert!(get(&client).await.lines.is_empty());

        set(&client, first, 3).await.unwrap();
        let cart = set(&client, least, 2).await.unwrap();
        assert_eq!(cart, get(&client).await);
        assert_eq!(refusals(&cart), [None, Some(LineRefusal::QuantityBelowMinimum)]);
        assert_eq!(cart.totals.iter().map(|total| total.minor_units).collect::<Vec<_>>(), [300]);

        let seen = set(&client, least, 5).await.unwrap();
        assert_eq!(seen.totals[0].minor_units, 335);
        assert_eq!(get(&client).await, seen);
        world.catalog.archive(first);
        let cart = get(&client).await;
        // Nobody changed the cart, but whoever has seen it has not seen this.
        let parts = [&seen, &cart].map(|cart| cart.etag.split_once('.').unwrap());
        assert!(parts[0].0 == parts[1].0 && parts[0].1 != parts[1].1, "{parts:?}");
        assert_eq!(
            (cart.totals[0].minor_units, cart.lines[0].refusal()),
            (35, LineRefusal::ProductNotPublished)
        );
        // The buyer can tell what to take out.
        assert_eq!(
            (cart.lines[0].title.as_str(), cart.lines[0].seller_id.clone()),
            ("Resistor", seller.to_string())
        );
        assert_eq!(set(&client, first, 0).await.unwrap().lines.len(), 1);
        assert_eq!(fields(&set(&client, first, -1).await.unwrap_err()), ["quantity"]);
        // Nobody sees another's cart.
        assert!(get(&instance.client(organisation())).await.lines.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cart_that_costs_more_than_can_be_paid_or_nothing_shows_all_the_same() {
    for world in worlds().await {
        let instance = world.instance(quick()).await;
        let (dear, dearer) = (
            world.goods(organisation(), Money::MOST_PAYABLE - 1, 10),
            world.goods(organisation(), 2, 10),
        );
        let thousandths = Listing {
            unit_quantity: 1_000,
            ..Listing::new(organisation(), 1)
        };
        let cheap = world.listed(thousandths, 10_000);
        let client = instance.client(organisation());
        set(&client, dear, 1).await.unwrap();
        set(&client, cheap, 500).await.unwrap();
        // Each can be paid, but not both.
        let cart = set(&client, dearer, 1).await.unwrap();
        assert_eq!(cart, get(&client).await);
        assert_eq!((cart.lines.len(), cart.totals.len()), (3, 0));
        assert_eq!(refusals(&cart), [None, Some(LineRefusal::AmountTooSmall), None]);
        // One that cannot be paid by itself says so, and the others have their total.
        let cart = set(&client, dear, 2).await.unwrap();
        let too_much = Some(LineRefusal::AmountTooLarge);
        assert_eq!(refusals(&cart), [too_much, Some(LineRefusal::AmountTooSmall), None]);
        assert_eq!((cart.lines[0].net.clone(), cart.totals[0].minor_units), (None, 2));

        set(&client, dear, 0).await.unwrap();
        set(&client, dearer, 0).await.unwrap();
        let refused = client.check_out(request("", &[])).await.unwrap_err();
        assert_eq!(
            (reason(&refused).as_str(), fields(&refused)),
            ("AMOUNT_TOO_SMALL", vec!["cart.lines[0].quantity".to_owned()])
        );
        let cart = set(&client, cheap, 501).await.unwrap();
        assert_eq!(cart.totals[0].minor_units, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_checkouts_of_one_cart_at_once_one_gets_it() {
    for world in worlds().await {
        let instance = world.instance(quick()).await;
        let variant = world.goods(organisation(), 100, 100);
        let client = instance.client(organisation());
        set(&client, variant, 3).await.unwrap();
        let keys = ["", "", "", "", "", "one", "two", "three", "four", "four"];
        let answers = join_all(keys.map(|key| client.check_out(request(key, &[])))).await;
        let (placed, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
        let mut placed: Vec<_> = placed.into_iter().map(|checkout| checkout.unwrap().id).collect();
        // The same request twice may have been the first.
        placed.dedup();
        assert_eq!(placed.len(), 1);
        for status in refused.into_iter().map(Result::unwrap_err) {
            assert_eq!(status.code(), Code::FailedPrecondition);
            assert!(["EMPTY_CART", "CART_CHANGED"].contains(&reason(&status).as_str()), "{status}");
        }
        assert_eq!((world.logistics.available(variant), world.payment.intents().len()), (97, 1));
        assert!(get(&client).await.lines.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checkout_that_fails_gives_the_cart_back_with_what_was_put_in_meanwhile() {
    for world in worlds().await {
        let instance = world.instance(quick()).await;
        let [first, second, third] = [(); 3].map(|()| world.goods(organisation(), 100, 10));
        let client = instance.client(organisation());
        set(&client, first, 3).await.unwrap();
        set(&client, second, 1).await.unwrap();
        // Nobody hears of the reservation, so that the recovery goes on; and payment does not play
        // along, whoever asks: the recovery, or the request when it is repeated.
        world.logistics.faults.plan("Reserve", [Fault::DoAndHang]);
        world.payment.faults.plan("OpenIntent", vec![Fault::Refuse; 10]);
        let asked = client.clone();
        let asked = tokio::spawn(async move { asked.check_out(request("key", &[])).await });
        until("the checkout has the cart", || async { get(&client).await.lines.is_empty() }).await;
        set(&client, third, 5).await.unwrap();
        set(&client, second, 2).await.unwrap();
        assert_eq!(reason(&asked.await.unwrap().unwrap_err()), "UNAVAILABLE");
        until("the checkout has failed", || async {
            let again = client.check_out(request("key", &[])).await.unwrap_err();
            reason(&again) == "PAYMENT_REFUSED"
        })
        .await;
        let back = get(&client).await;
        let lines: Vec<_> = back.lines.iter().map(|line| (line.variant_id.clone(), line.quantity)).collect();
        let expected = [(first, 3), (third, 5), (second, 2)].map(|(variant, quantity)| (variant.to_string(), quantity));
        assert_eq!(lines, expected);
        assert_eq!(world.logistics.available(first), 10);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cart_is_emptied_by_the_order_and_by_nothing_else() {
    for world in worlds().await {
        let instance = world.instance(quick()).await;
        let (first, second) = (world.goods(organisation(), 100, 10), world.goods(organisation(), 100, 1));
        let client = instance.client(organisation());
        set(&client, first, 3).await.unwrap();
        set(&client, second, 2).await.unwrap();
        let refused = client.check_out(request("", &[])).await.unwrap_err();
        assert_eq!(
            (reason(&refused).as_str(), fields(&refused)),
            ("OUT_OF_STOCK", vec!["cart.lines[1].quantity".to_owned()])
        );
        assert_eq!(get(&client).await.lines.len(), 2);

        set(&client, second, 1).await.unwrap();
        world.payment.faults.plan("OpenIntent", [Fault::DoAndLose]);
        let checkout = client.check_out(request("cart", &[])).await.unwrap();
        assert_eq!((checkout.state(), checkout.orders.len()), (CheckoutState::Open, 2));
        assert!(get(&client).await.lines.is_empty());
        // The same request finds the same checkout, whatever the cart holds now.
        set(&client, first, 1).await.unwrap();
        assert_eq!(client.check_out(request("cart", &[])).await.unwrap().id, checkout.id);
        assert_eq!(get(&client).await.lines.len(), 1);
    }
}
