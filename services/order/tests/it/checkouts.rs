//! Checkouts from beginning to end, and what is refused.

use std::collections::HashSet;

use harness::{fields, reason};
use kernel::Money;
use proto::order::v1::{CheckoutState, OrderState};
use tonic::Code;

use crate::{
    peers::{
        Fault,
        catalog::Listing,
        logistics::{FREIGHT, Hold, NO_RATE},
        payment::Intent,
    },
    sale::Sale,
    world::{World, organisation, quick, request, worlds},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_checkout_places_one_order_per_seller_and_opens_one_payment() {
    for world in worlds().await {
        let instance = world.instance(quick()).await;
        let (buyer, one, two) = (organisation(), organisation(), organisation());
        let (first, second, third) = (world.goods(one, 1_000, 10), world.goods(two, 333, 10), world.goods(one, 50, 10));
        let client = instance.client(buyer);
        let checkout = client
            .check_out(request("k", &[(first, 2), (second, 1), (third, 10)]))
            .await
            .unwrap();

        assert_eq!(checkout.state(), CheckoutState::Open);
        let sellers: Vec<_> = checkout.orders.iter().map(|order| order.seller_id.as_str()).collect();
        assert_eq!(sellers, [one.to_string(), two.to_string()]);
        let [order, other] = checkout.orders.as_slice() else {
            panic!("two orders")
        };
        // 2 x 10.00 and 10 x 0.50, 19 % tax, 2.5 % fee of the net, and the freight.
        let line = &order.lines[0];
        let amounts = [&line.net, &line.tax, &line.gross, &line.fee].map(|money| money.as_ref().unwrap().minor_units);
        assert_eq!(amounts, [2_000, 380, 2_380, 50]);
        assert_eq!(order.total.as_ref().unwrap().minor_units, 2_380 + 595 + FREIGHT);
        assert_eq!(order.fee.as_ref().unwrap().minor_units, 50 + 12);
        assert_eq!(other.total.as_ref().unwrap().minor_units, 333 + 63 + FREIGHT);
        let total: i64 = checkout.orders.iter().map(|order| order.total.as_ref().unwrap().minor_units).sum();
        assert_eq!(checkout.total.as_ref().unwrap().minor_units, total);

        let Some(Intent::Open(intent)) = world.payment.intent(&checkout.payment_id) else {
            panic!("an open intent")
        };
        let amounts: Vec<_> = intent
            .orders
            .iter()
            .map(|order| order.amount.clone().unwrap().minor_units)
            .collect();
        assert_eq!(amounts.iter().sum::<i64>(), total);
        assert_eq!(world.logistics.available(first), 8);

        // What was answered is what can be read.
        assert_eq!(client.checkout(&checkout.id).await.unwrap(), checkout);
        assert_eq!(instance.client(one).list("seller").await, std::slice::from_ref(order));

        world.payment.pay(&checkout.payment_id).await;
        for order in &checkout.orders {
            client.until(&order.id, OrderState::Paid).await;
        }
        assert_eq!(client.checkout(&checkout.id).await.unwrap().state(), CheckoutState::Paid);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_entity_tag_of_a_checkout_changes_with_each_of_its_orders_and_with_nothing_else() {
    for world in worlds().await {
        let sale = Sale::placed(world).await;
        let look = async || sale.buyer().checkout(&sale.checkout.id).await.unwrap().etag;
        let mut seen = vec![sale.checkout.etag.clone()];
        assert_eq!(look().await, seen[0]);
        sale.pays().await;
        seen.push(look().await);
        for order in &sale.checkout.orders {
            sale.world.logistics.ship(&order.id).await;
            sale.buyer().until(&order.id, OrderState::Shipped).await;
            seen.push(look().await);
        }
        assert_eq!(HashSet::<&String>::from_iter(&seen).len(), 4, "{seen:?}");
        let versions: HashSet<_> = seen.iter().map(|etag| etag.split_once('.').unwrap().0).collect();
        assert_eq!(versions.len(), 1, "its own row is as it was: {seen:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_request_twice_is_one_checkout_and_another_one_under_its_key_is_refused() {
    for world in worlds().await {
        let instance = world.instance(quick()).await;
        let variant = world.goods(organisation(), 1_000, 10);
        let client = instance.client(organisation());
        let (first, second) = tokio::join!(
            client.check_out(request("k", &[(variant, 2)])),
            client.check_out(request("k", &[(variant, 2)]))
        );
        assert_eq!(first.unwrap().id, second.unwrap().id);
        assert_eq!(world.logistics.available(variant), 8);
        assert_eq!(world.payment.intents().len(), 1);

        let other = client.check_out(request("k", &[(variant, 3)])).await.unwrap_err();
        assert_eq!(reason(&other), "IDEMPOTENCY_KEY_REUSED");
        // What was ordered stays ordered, even if it could not be any more.
        world.catalog.archive(variant);
        let again = client.check_out(request("k", &[(variant, 2)])).await.unwrap();
        assert_eq!(again.state(), CheckoutState::Open);
        assert_eq!(
            client.check_out(request("k2", &[(variant, 2)])).await.unwrap_err().code(),
            Code::FailedPrecondition
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_can_pay_names_its_line_whether_by_its_price_or_by_its_freight() {
    for world in worlds().await {
        let instance = world.instance(quick()).await;
        let goods = |price: i64| {
            let untaxed = Listing {
                tax_basis_points: 0,
                ..Listing::new(organisation(), price)
            };
            world.listed(untaxed, 10)
        };
        let (most, half, rest) = (
            goods(Money::MOST_PAYABLE),
            goods(Money::MOST_PAYABLE / 2),
            goods(Money::MOST_PAYABLE / 2 - FREIGHT),
        );
        let client = instance.client(organisation());
        for (lines, field) in [
            (vec![(most, 2)], "lines[0]"),
            (vec![(half, 3)], "lines[0]"),
            (vec![(half, 2), (rest, 1)], "lines[1]"),
            // These two can be paid, and the first one's freight besides; not the other's.
            (vec![(half, 1), (rest, 1)], "lines[1]"),
        ] {
            let refused = client.check_out(request("", &lines)).await.unwrap_err();
            assert_eq!(
                (refused.code(), reason(&refused).as_str(), fields(&refused)),
                (Code::FailedPrecondition, "AMOUNT_TOO_LARGE", vec![field.to_owned()])
            );
        }
        assert!(world.logistics.holds().iter().all(|(_, hold)| *hold == Hold::Released));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_names_its_fields_and_writes_nothing() {
    for world in worlds().await {
        let instance = world.instance(quick()).await;
        let (seller, buyer) = (organisation(), organisation());
        let variant = world.goods(seller, 1_000, 10);
        let client = instance.client(buyer);

        let mut bad = request("", &[(variant, 0), (variant, -3), (variant, 1)]);
        bad.lines[2].variant_id = "var_1".to_owned();
        bad.quotation_ids = vec!["quo_x".to_owned()];
        bad.ship_to = None;
        let refused = client.check_out(bad).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument);
        let expected = [
            "lines[0].quantity",
            "lines[1].quantity",
            "lines[1].variant_id",
            "lines[2].variant_id",
            "quotation_ids[0]",
            "ship_to",
        ];
        assert_eq!(fields(&refused), expected);

        let mut nowhere = request("", &[(variant, 1)]);
        for code in ["XX", "UK", "br", ""] {
            nowhere.ship_to.as_mut().unwrap().country = code.to_owned();
            let refused = client.check_out(nowhere.clone()).await.unwrap_err();
            assert_eq!(
                (refused.code(), fields(&refused)),
                (Code::InvalidArgument, vec!["ship_to.country".to_owned()]),
                "{code}"
            );
        }

        let many: Vec<_> = (0..201).map(|_| (world.goods(seller, 1, 1), 1)).collect();
        assert_eq!(fields(&client.check_out(request("", &many)).await.unwrap_err()), ["lines"]);

        let least = world.listed(
            Listing {
                least: 5,
                ..Listing::new(seller, 10)
            },
            10,
        );
        let refused = client.check_out(request("", &[(variant, 1), (least, 2)])).await.unwrap_err();
        assert_eq!(
            (reason(&refused).as_str(), fields(&refused)),
            ("NOT_FOR_SALE", vec!["lines[1].quantity".to_owned()])
        );

        let euros = Money::new(10, "EUR".parse().unwrap());
        let euros = world.listed(
            Listing {
                price: euros,
                ..Listing::new(organisation(), 10)
            },
            10,
        );
        let refused = client.check_out(request("", &[(variant, 1), (euros, 2)])).await.unwrap_err();
        assert_eq!(
            (reason(&refused).as_str(), fields(&refused)),
            ("CURRENCIES_DIFFER", vec!["lines[1]".to_owned()])
        );

        let refused = instance.client(seller).check_out(request("", &[(variant, 1)])).await.unwrap_err();
        assert_eq!(reason(&refused), "OWN_GOODS");

        let empty = client.check_out(request("", &[])).await.unwrap_err();
        assert_eq!((reason(&empty).as_str(), fields(&empty)), ("EMPTY_CART", vec!["lines".to_owned()]));

        assert!(world.logistics.holds().is_empty() && world.payment.intents().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_lines_go_into_one_checkout() {
    for world in worlds().await {
        let instance = world.instance(quick()).await;
        let sellers = [organisation(), organisation(), organisation()];
        let lines: Vec<_> = (0..200).map(|line| (world.goods(sellers[line % 3], 7, 5), 3)).collect();
        let checkout = instance.client(organisation()).check_out(request("", &lines)).await.unwrap();
        assert_eq!(checkout.orders.iter().map(|order| order.lines.len()).sum::<usize>(), 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_price_per_thousand_is_rounded_once() {
    for world in worlds().await {
        let instance = world.instance(quick()).await;
        let listing = Listing {
            unit_quantity: 1_000,
            tax_basis_points: 0,
            ..Listing::new(organisation(), 120)
        };
        let variant = world.listed(listing, 10_000);
        let checkout = instance
            .client(organisation())
            .check_out(request("", &[(variant, 2_500)]))
            .await
            .unwrap();
        let line = &checkout.orders[0].lines[0];
        assert_eq!((line.net.as_ref().unwrap().minor_units, line.unit_quantity), (300, 1_000));
    }
}

/// Every refusal of a step: what the client is told, and that nothing is left behind.
#[tokio::test(flavor = "multi_thread")]
async fn a_refused_step_gives_everything_back() {
    for world in worlds().await {
        let instance = world.instance(quick()).await;
        let (plenty, scarce) = (world.goods(organisation(), 10, 100), world.goods(organisation(), 10, 3));
        let client = instance.client(organisation());

        let refused = client.check_out(request("stock", &[(plenty, 1), (scarce, 4)])).await.unwrap_err();
        assert_eq!(
            (reason(&refused).as_str(), fields(&refused)),
            ("OUT_OF_STOCK", vec!["lines[1].quantity".to_owned()])
        );
        assert!(refused.message().contains("only 3 are available"), "{}", refused.message());

        let mut nowhere = request("freight", &[(plenty, 1)]);
        nowhere.ship_to.as_mut().unwrap().country = NO_RATE.to_owned();
        let refused = client.check_out(nowhere).await.unwrap_err();
        assert_eq!(reason(&refused), "NO_FREIGHT_RATE");

        world.payment.faults.plan("OpenIntent", [Fault::Refuse]);
        let refused = client.check_out(request("payment", &[(plenty, 1)])).await.unwrap_err();
        assert_eq!(reason(&refused), "PAYMENT_REFUSED");
        // The same request gets the same answer, and does not try again.
        let again = client.check_out(request("payment", &[(plenty, 1)])).await.unwrap_err();
        assert_eq!(reason(&again), "PAYMENT_REFUSED");
        assert_clean(&world, 2, 1);
        assert_eq!((world.logistics.available(plenty), world.logistics.available(scarce)), (100, 3));
        assert!(client.list("buyer").await.is_empty());
    }
}

/// No checkout holds stock, and none can be paid. Those that found no stock never came as far as payment.
fn assert_clean(world: &World, short: usize, refused: usize) {
    let (holds, intents) = (world.logistics.holds(), world.payment.intents());
    assert_eq!((holds.len(), intents.len()), (short + refused, refused));
    assert!(holds.iter().all(|(_, hold)| !matches!(hold, Hold::Held(_))), "{holds:?}");
    assert!(
        intents.iter().all(|(_, intent)| matches!(intent, Intent::Cancelled(_))),
        "{intents:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_asked_for_again_within_the_request() {
    for world in worlds().await {
        let instance = world.instance(quick()).await;
        let variant = world.goods(organisation(), 10, 10);
        world.catalog.faults.plan("PriceLines", [Fault::Fail]);
        world.logistics.faults.plan("Reserve", [Fault::DoAndLose, Fault::Fail]);
        world.payment.faults.plan("OpenIntent", [Fault::DoAndLose]);
        let checkout = instance
            .client(organisation())
            .check_out(request("", &[(variant, 2)]))
            .await
            .unwrap();
        assert_eq!(checkout.state(), CheckoutState::Open);
        assert_eq!((world.logistics.available(variant), world.payment.intents().len()), (8, 1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_does_not_come_in_time_is_not_waited_for_and_is_there_when_the_client_asks_again() {
    for world in worlds().await {
        let instance = world
            .instance(order::Config {
                saga_recovery_s: 600,
                ..quick()
            })
            .await;
        let variant = world.goods(organisation(), 10, 10);
        let client = instance.client(organisation());
        for fault in [Fault::Hang, Fault::DoAndHang] {
            world.payment.faults.plan("OpenIntent", [fault]);
        }
        let wish = request("the same", &[(variant, 2)]);
        for _ in 0..2 {
            let late = client.check_out(wish.clone()).await.unwrap_err();
            assert_eq!((late.code(), reason(&late).as_str()), (Code::Unavailable, "UNAVAILABLE"));
        }
        let checkout = client.check_out(wish).await.unwrap();
        assert_eq!(checkout.state(), CheckoutState::Open);
        assert_eq!((world.logistics.available(variant), world.payment.intents().len()), (8, 1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_buyer_who_does_not_wait_hears_that_time_is_over_and_not_that_we_are_not_there() {
    for world in worlds().await {
        let instance = world
            .instance(order::Config {
                step_timeout_ms: 60_000,
                ..quick()
            })
            .await;
        let variant = world.goods(organisation(), 10, 10);
        let client = instance.client(organisation());
        for (peer, rpc) in [(&world.catalog.faults, "PriceLines"), (&world.payment.faults, "OpenIntent")] {
            peer.plan(rpc, [Fault::Hang]);
            let mut wish = tonic::Request::new(request(rpc, &[(variant, 2)]));
            wish.set_timeout(std::time::Duration::from_millis(700));
            let late = client.checkouts.clone().create_checkout(wish).await.unwrap_err();
            // Our own side of the connection may give up a moment before the answer is here.
            assert!(matches!(late.code(), Code::DeadlineExceeded | Code::Cancelled), "{rpc}: {late:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_sees_the_checkout_of_another() {
    for world in worlds().await {
        let instance = world.instance(quick()).await;
        let (seller, stranger) = (organisation(), organisation());
        let variant = world.goods(seller, 10, 10);
        let checkout = instance
            .client(organisation())
            .check_out(request("", &[(variant, 2)]))
            .await
            .unwrap();
        for other in [seller, stranger] {
            let refused = instance.client(other).checkout(&checkout.id).await.unwrap_err();
            assert_eq!(refused.code(), Code::NotFound);
        }
    }
}
