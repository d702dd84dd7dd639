//! What order is told of a basket.

use harness::databases;
use kernel::VariantId;
use proto::catalog::v1;
use tonic::Code;

use crate::world::{Seller, World, bolts, now};

#[tokio::test(flavor = "multi_thread")]
async fn every_line_is_priced_by_its_tier_or_says_why_not() {
    for database in databases().await {
        let world = World::start(database).await;
        let (store, other) = (world.open_store(Seller(1)).await, world.open_store(Seller(2)).await);
        let product = world.list(Seller(1), bolts(&store, "HB")).await;
        let draft = v1::CreateProductRequest {
            publish: false,
            ..bolts(&other, "HB")
        };
        let draft = world.list(Seller(2), draft).await;
        let (first, second) = (product.variants[0].id.as_str(), product.variants[1].id.as_str());
        let unknown = VariantId::at(now()).to_string();
        let basket = [
            (first, 10),
            (second, 1_005),
            (first, 9),
            (first, 12),
            (draft.variants[0].id.as_str(), 10),
            (unknown.as_str(), 10),
            (first, 0),
        ];
        let lines = world.price_at(0, &basket).await;
        assert_eq!([lines[0].refusal, lines[1].refusal], [None; 2]);
        let refusals: Vec<v1::LineRefusal> = lines[2..].iter().map(v1::PricedLine::refusal).collect();
        use v1::LineRefusal::{ProductNotPublished, QuantityBelowMinimum, QuantityNotAMultiple, UnknownVariant};
        assert_eq!(
            refusals,
            [
                QuantityBelowMinimum,
                QuantityNotAMultiple,
                ProductNotPublished,
                UnknownVariant,
                QuantityBelowMinimum
            ]
        );
        let net = |line: &v1::PricedLine| line.net.as_ref().unwrap().minor_units;
        assert_eq!((net(&lines[0]), net(&lines[1]), lines[1].unit_quantity), (5_000, 402_000, 1_000));
        assert_eq!(
            (lines[0].seller_id.clone(), lines[0].tax_basis_points),
            (Seller(1).organisation().to_string(), 1_900)
        );
        assert_eq!(
            (lines[0].sku.as_str(), lines[0].weight_mg, lines[0].quantity),
            ("HB-10", 12_000, 10)
        );
        assert_eq!(lines[2].refusal_detail, "the minimum order quantity is 10");

        // A buyer can tell what a refused line was about; of a draft nobody hears, and of what there never was there is nothing to say.
        let archive = v1::ArchiveProductRequest {
            product_id: product.id.clone(),
            ..v1::ArchiveProductRequest::default()
        };
        world.products().archive_product(world.by(Seller(1), archive)).await.unwrap();
        let lines = world.price_at(0, &basket).await;
        let told = |line: &v1::PricedLine| (line.refusal(), line.title.clone(), line.seller_id.clone());
        let seller = Seller(1).organisation().to_string();
        assert_eq!(told(&lines[0]), (ProductNotPublished, "Hex bolt".to_owned(), seller));
        assert_eq!(told(&lines[4]), (ProductNotPublished, String::new(), String::new()));
        assert_eq!(told(&lines[5]), (UnknownVariant, String::new(), String::new()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quoted_line_needs_no_minimum_and_a_stranger_gets_no_prices() {
    let world = World::start(harness::Database::sqlite()).await;
    let store = world.open_store(Seller(1)).await;
    let product = world.list(Seller(1), bolts(&store, "HB")).await;
    let line = v1::LineToPrice {
        variant_id: product.variants[0].id.clone(),
        quantity: 3,
        quoted: true,
    };
    let request = v1::PriceLinesRequest { lines: vec![line] };
    let lines = world.price_request_at(0, request.clone()).await.unwrap();
    assert_eq!((lines[0].refusal, &lines[0].price, lines[0].weight_mg), (None, &None, 12_000));
    let mut pricing = v1::pricing_service_client::PricingServiceClient::new(world.channel());
    let status = pricing.price_lines(world.by(Seller(1), request)).await.unwrap_err();
    assert_eq!(status.code(), Code::PermissionDenied);
}
