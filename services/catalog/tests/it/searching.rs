//! Finding products, through an index that follows the service's own events.

use harness::{Database, databases, until};
use proto::catalog::v1::{self, SearchOrder, search_service_client::SearchServiceClient};

use crate::world::{Seller, World, bolts, fields, tier, variant};

fn query(text: &str) -> v1::SearchProductsRequest {
    v1::SearchProductsRequest {
        query: text.to_owned(),
        ..v1::SearchProductsRequest::default()
    }
}

async fn search_at(world: &World, replica: usize, request: v1::SearchProductsRequest) -> v1::SearchProductsResponse {
    let mut client = SearchServiceClient::new(world.channel_at(replica));
    client.search_products(request).await.unwrap().into_inner()
}

async fn titles(world: &World, request: v1::SearchProductsRequest) -> Vec<String> {
    let found = search_at(world, 0, request).await;
    found.products.into_iter().map(|product| product.title).collect()
}

fn text(name: &str, text: &str) -> v1::Attribute {
    v1::Attribute {
        name: name.to_owned(),
        value: Some(v1::attribute::Value::Text(text.to_owned())),
        unit: String::new(),
    }
}

/// A product with a title, a brand, a colour and a price in cents.
fn product(store: &v1::Store, title: &str, brand: &str, colour: &str, cents: i64) -> v1::CreateProductRequest {
    let mut one = variant(&format!("SKU-{title}"), "one");
    one.price_tiers = vec![tier(5, cents, 1), tier(100, cents / 2 + 1, 1)];
    v1::CreateProductRequest {
        title: title.to_owned(),
        description: format!("A fine {title}"),
        brand: brand.to_owned(),
        attributes: vec![text("main.colour", colour)],
        variants: vec![one],
        ..bolts(store, "X")
    }
}

async fn shop(world: &World) -> v1::Store {
    let store = world.open_store(Seller(1)).await;
    for (title, brand, colour, cents) in [
        ("Laser printer", "Acme", "black", 20_000),
        ("Ink printer", "Acme", "white", 8_000),
        ("Printer cable", "Bolt", "black", 900),
        ("Headphones", "Bolt", "white", 5_000),
    ] {
        world.list(Seller(1), product(&store, title, brand, colour, cents)).await;
    }
    until("all four are found", || async {
        search_at(world, 0, query("")).await.total_size == 4
    })
    .await;
    store
}

#[tokio::test(flavor = "multi_thread")]
async fn a_product_is_found_while_it_is_on_the_market_and_only_then() {
    for database in databases().await {
        let world = World::start(database).await;
        let store = world.open_store(Seller(1)).await;
        let draft = v1::CreateProductRequest {
            publish: false,
            ..product(&store, "Secret gadget", "Acme", "red", 100)
        };
        world.list(Seller(1), draft).await;
        let listed = world
            .list(Seller(1), product(&store, "Laser printer", "Acme", "black", 20_000))
            .await;
        until("it is found", || async {
            search_at(&world, 0, query("printers")).await.total_size == 1
        })
        .await;
        let found = search_at(&world, 0, query("laser printer")).await.products;
        assert_eq!(
            (found[0].product_id.as_str(), found[0].title.as_str()),
            (listed.id.as_str(), "Laser printer")
        );
        assert_eq!(found[0].from_price.as_ref().unwrap().minor_units, 20_000);
        assert_eq!(search_at(&world, 0, query("gadget")).await.total_size, 0);
        assert_eq!(search_at(&world, 0, query("")).await.total_size, 1);

        let renamed = v1::UpdateProductRequest {
            product_id: listed.id.clone(),
            product: Some(v1::Product {
                title: "Plotter".to_owned(),
                description: "Large format".to_owned(),
                ..v1::Product::default()
            }),
            ..v1::UpdateProductRequest::default()
        };
        world.products().update_product(world.by(Seller(1), renamed)).await.unwrap();
        until("the new name is found", || async {
            search_at(&world, 0, query("plotter")).await.total_size == 1
        })
        .await;
        let archive = v1::ArchiveProductRequest {
            product_id: listed.id.clone(),
            ..v1::ArchiveProductRequest::default()
        };
        world.products().archive_product(world.by(Seller(1), archive)).await.unwrap();
        assert!(titles(&world, query("plotter")).await.is_empty(), "it is gone at once");
        until("nor is it counted", || async {
            search_at(&world, 0, query("")).await.total_size == 0
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_and_facets_narrow_a_search_down() {
    let world = World::start(Database::sqlite()).await;
    let store = shop(&world).await;
    let request = v1::SearchProductsRequest {
        facets: vec!["brand".to_owned(), "main.colour".to_owned()],
        ..query("printer")
    };
    let found = search_at(&world, 0, request).await;
    assert_eq!(found.total_size, 3);
    let facet = |place: usize| {
        let values = found.facets[place].values.iter();
        values.map(|value| (value.value.as_str(), value.count)).collect::<Vec<_>>()
    };
    assert_eq!(facet(0), [("Acme", 2), ("Bolt", 1)]);
    assert_eq!(facet(1), [("black", 2), ("white", 1)]);

    let black = v1::SearchProductsRequest {
        attributes: vec!["main.colour:black".to_owned()],
        brands: vec!["Acme".to_owned()],
        ..query("printer")
    };
    assert_eq!(titles(&world, black).await, ["Laser printer"]);
    let priced = v1::SearchProductsRequest {
        currency: "USD".to_owned(),
        min_price: 900,
        max_price: 8_000,
        order_by: SearchOrder::PriceDescending.into(),
        ..query("")
    };
    assert_eq!(titles(&world, priced.clone()).await, ["Ink printer", "Headphones", "Printer cable"]);
    let euros = v1::SearchProductsRequest {
        currency: "EUR".to_owned(),
        ..priced
    };
    assert!(titles(&world, euros).await.is_empty());
    let elsewhere = v1::SearchProductsRequest {
        store_id: store.id.replace("sto_0", "sto_1"),
        ..query("printer")
    };
    assert!(titles(&world, elsewhere).await.is_empty());

    let bad = v1::SearchProductsRequest {
        min_price: 1,
        attributes: vec!["black".to_owned()],
        order_by: 77,
        facets: vec!["main.colour".to_owned(); 21],
        ..query("")
    };
    let mut client = SearchServiceClient::new(world.channel_at(0));
    let status = client.search_products(bad).await.unwrap_err();
    assert_eq!(fields(&status), ["order_by", "currency", "facets", "attributes[0]"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_forgives_one_typo_in_five_letters_and_two_in_nine() {
    let world = World::start(Database::sqlite()).await;
    shop(&world).await;
    assert_eq!(titles(&world, query("lazer")).await, ["Laser printer"]);
    assert_eq!(titles(&world, query("haedphonse")).await, ["Headphones"]);
    assert!(
        titles(&world, query("lzaxr")).await.is_empty(),
        "two typos in five letters are another word"
    );
    assert!(titles(&world, query("imk")).await.is_empty(), "three letters are too few to guess");
    assert_eq!(titles(&world, query("sku-headphones")).await[0], "Headphones");
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_results_show_each_once() {
    let world = World::start(Database::sqlite()).await;
    shop(&world).await;
    let page = |token: &str, size: i32, text: &str| v1::SearchProductsRequest {
        page_size: size,
        page_token: token.to_owned(),
        ..query(text)
    };
    let (mut seen, mut token) = (Vec::new(), String::new());
    loop {
        let found = search_at(&world, 0, page(&token, 2, "printer")).await;
        seen.extend(found.products.into_iter().map(|product| product.title));
        token = found.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    seen.sort();
    assert_eq!(seen, ["Ink printer", "Laser printer", "Printer cable"]);
    let first = search_at(&world, 0, page("", 2, "printer")).await;
    let mut client = SearchServiceClient::new(world.channel_at(0));
    let other = client.search_products(page(&first.next_page_token, 2, "cable")).await.unwrap_err();
    assert_eq!(fields(&other), ["page_token"]);
    // A token says how many came before; one that says more than any page has was not given out.
    let beyond = format!("{}{:016x}{}", &first.next_page_token[..16], i64::MAX, &first.next_page_token[32..]);
    let other = client.search_products(page(&beyond, 2, "printer")).await.unwrap_err();
    assert_eq!(fields(&other), ["page_token"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_catches_up_after_a_restart_and_after_its_stream_was_lost() {
    let folder = tempfile::tempdir().unwrap();
    let config = catalog::Config {
        index_folder: Some(folder.path().join("index")),
    };
    let mut world = World::start(Database::sqlite()).await;
    let store = shop(&world).await;
    let replica = world.add_replica_with(config.clone()).await;
    until("the other replica has built its index", || async {
        search_at(&world, 1, query("")).await.total_size == 4
    })
    .await;
    world.stop(replica).await;

    // Listed while that replica is away.
    world.list(Seller(1), product(&store, "Scanner", "Acme", "grey", 7_000)).await;
    let replica = world.add_replica_with(config).await;
    until("the restarted replica finds it", || async {
        search_at(&world, replica, query("scanner")).await.total_size == 1
    })
    .await;

    world.nats.lose();
    world.nats.resume().await;
    world.list(Seller(1), product(&store, "Projector", "Acme", "grey", 70_000)).await;
    for replica in [0, replica] {
        until("both find it", || async {
            search_at(&world, replica, query("projector")).await.total_size == 1
        })
        .await;
        assert_eq!(search_at(&world, replica, query("")).await.total_size, 6);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_that_serves_finds_whatever_there_is() {
    let mut world = World::start(Database::sqlite()).await;
    shop(&world).await;
    for replica in 1..=3 {
        world.add_replica().await;
        assert_eq!(search_at(&world, replica, query("")).await.total_size, 4);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_of_another_database_is_not_asked() {
    let folder = tempfile::tempdir().unwrap();
    let config = catalog::Config {
        index_folder: Some(folder.path().join("index")),
    };
    let mut world = World::start(Database::sqlite()).await;
    shop(&world).await;
    let replica = world.add_replica_with(config.clone()).await;
    assert_eq!(search_at(&world, replica, query("")).await.total_size, 4);
    world.stop(replica).await;
    world.stop(0).await;

    world.database = Database::sqlite();
    let replica = world.add_replica_with(config).await;
    assert_eq!(search_at(&world, replica, query("")).await.total_size, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_facet_leads_to_what_it_counts() {
    let world = World::start(Database::sqlite()).await;
    let store = world.open_store(Seller(1)).await;
    let named = |name: &str| v1::CreateProductRequest {
        attributes: vec![text(name, "16:9")],
        ..product(&store, "Projector", "Acme", "black", 20_000)
    };
    for name in ["Scale 1:10", ":", "brand", " category "] {
        let refused = world.products().create_product(world.by(Seller(1), named(name))).await.unwrap_err();
        assert_eq!(fields(&refused), ["attributes[0].name"], "{name}");
    }
    world.list(Seller(1), named("Aspect")).await;
    until("it is found", || async {
        search_at(&world, 0, query("projector")).await.total_size == 1
    })
    .await;
    let counted = v1::SearchProductsRequest {
        facets: vec!["Aspect".to_owned()],
        ..query("")
    };
    let facet = search_at(&world, 0, counted).await.facets.remove(0);
    assert_eq!((facet.values[0].value.as_str(), facet.values[0].count), ("16:9", 1));
    let narrowed = v1::SearchProductsRequest {
        attributes: vec![format!("{}:{}", facet.name, facet.values[0].value)],
        ..query("")
    };
    assert_eq!(titles(&world, narrowed).await, ["Projector"]);
}
