//! Carts: what is in them, what it costs today, and how it is ordered.

use kernel::{Money, VariantId};
use proto::order::v1::{Cart, CheckoutState, GetCartRequest, LineRefusal, SetCartLineRequest};
use tonic::Status;

use crate::{
    instance::Client,
    peers::{Fault, catalog::Listing},
    world::{fields, organisation, quick, reason, request, worlds},
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

        let cart = set(&client, least, 5).await.unwrap();
        assert_eq!(cart.totals[0].minor_units, 335);
        world.catalog.archive(first);
        let cart = get(&client).await;
        assert_eq!(
            (cart.totals[0].minor_units, cart.lines[0].refusal()),
            (35, LineRefusal::UnknownVariant)
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
