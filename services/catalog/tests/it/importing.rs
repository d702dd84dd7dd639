//! Importing many products, with rows that cannot be listed among them.

use harness::{Database, databases};
use proto::catalog::v1::{self, ImportState, import_service_client::ImportServiceClient};
use sea_orm::{ConnectionTrait, Database as SeaOrm, DatabaseConnection};
use tonic::{Code, Status, transport::Channel};

use crate::world::{Seller, World, bolts, reason, variant};

fn client(world: &World) -> ImportServiceClient<Channel> {
    ImportServiceClient::new(world.channel())
}

async fn open(world: &World, store: &v1::Store) -> v1::Import {
    let request = v1::CreateImportRequest {
        store_id: store.id.clone(),
        ..v1::CreateImportRequest::default()
    };
    client(world)
        .create_import(world.by(Seller(1), request))
        .await
        .unwrap()
        .into_inner()
}

/// What a product's own request says, as a row.
fn row(request: v1::CreateProductRequest) -> v1::ImportRow {
    v1::ImportRow {
        title: request.title,
        description: request.description,
        brand: request.brand,
        attributes: request.attributes,
        option_names: request.option_names,
        variants: request.variants,
        publish: request.publish,
        category_id: request.category_id,
        ..v1::ImportRow::default()
    }
}

async fn add(world: &World, import: &v1::Import, first_row: i64, rows: Vec<v1::CreateProductRequest>) -> Result<v1::Import, Status> {
    let request = v1::AddImportRowsRequest {
        import_id: import.id.clone(),
        first_row,
        rows: rows.into_iter().map(row).collect(),
    };
    client(world)
        .add_import_rows(world.by(Seller(1), request))
        .await
        .map(tonic::Response::into_inner)
}

async fn complete(world: &World, import: &v1::Import) -> Result<v1::Import, Status> {
    let request = v1::CompleteImportRequest {
        import_id: import.id.clone(),
        ..v1::CompleteImportRequest::default()
    };
    client(world)
        .complete_import(world.by(Seller(1), request))
        .await
        .map(tonic::Response::into_inner)
}

async fn products(world: &World) -> Vec<v1::Product> {
    let request = v1::ListProductsRequest {
        page_size: 100,
        ..v1::ListProductsRequest::default()
    };
    world.products().list_products(request).await.unwrap().into_inner().products
}

#[tokio::test(flavor = "multi_thread")]
async fn good_rows_are_listed_once_and_bad_ones_are_reported() {
    for database in databases().await {
        let world = World::start(database).await;
        let store = world.open_store(Seller(1)).await;
        let import = open(&world, &store).await;
        let row = |number: usize| bolts(&store, &format!("R{number}"));
        let mut rows: Vec<_> = (0..40).map(row).collect();
        rows[7].title.clear();
        rows[7].variants[1].gtin = "1".to_owned();
        rows[7].variants[1].price_tiers[0].price.as_mut().unwrap().minor_units = 0;
        rows[9].category_id = "zzz".to_owned();
        let first = add(&world, &import, 0, rows.clone()).await.unwrap();
        assert_eq!((first.received, first.listed, first.rejected), (40, 38, 2));
        assert_eq!(add(&world, &import, 0, rows.clone()).await.unwrap(), first, "the same rows again");
        rows[3].title.push_str(", black");
        let others = add(&world, &import, 0, rows).await.unwrap_err();
        assert_eq!(
            (reason(&others).as_str(), others.message()),
            ("ROWS_OUT_OF_ORDER", "the next row is row 40")
        );
        assert_eq!(products(&world).await.len(), 38);

        // Article numbers that two earlier rows took.
        let mut torn = row(3);
        torn.variants[1].sku.clone_from(&row(4).variants[1].sku);
        let second = add(&world, &import, 40, vec![row(40), torn]).await.unwrap();
        assert_eq!((second.received, second.listed, second.rejected), (42, 39, 3));
        let gap = add(&world, &import, 50, vec![row(50)]).await.unwrap_err();
        assert_eq!(reason(&gap), "ROWS_OUT_OF_ORDER");

        let report = |token: &str| v1::ListRejectedRowsRequest {
            import_id: import.id.clone(),
            page_size: 2,
            page_token: token.to_owned(),
        };
        let page = client(&world)
            .list_rejected_rows(world.by(Seller(1), report("")))
            .await
            .unwrap()
            .into_inner();
        let fields: Vec<&str> = page.rows[0].fields.iter().map(|field| field.field.as_str()).collect();
        assert_eq!((page.rows[0].row, page.rows[0].reason.as_str()), (7, "INVALID_FIELDS"));
        assert_eq!(
            fields,
            ["title", "variants[1].gtin", "variants[1].priceTiers[0].price.minorUnits"],
            "as clients name them"
        );
        assert_eq!((page.rows[1].row, page.rows[1].fields[0].field.as_str()), (9, "categoryId"));
        assert!(page.rows[1].detail.starts_with("categoryId: "), "{}", page.rows[1].detail);
        let rest = client(&world)
            .list_rejected_rows(world.by(Seller(1), report(&page.next_page_token)))
            .await
            .unwrap()
            .into_inner();
        assert_eq!(
            (rest.rows[0].row, rest.rows[0].reason.as_str(), rest.next_page_token.as_str()),
            (41, "SKU_TAKEN", "")
        );

        assert_eq!(complete(&world, &import).await.unwrap().state(), ImportState::Completed);
        let late = add(&world, &import, 42, vec![row(42)]).await.unwrap_err();
        assert_eq!(reason(&late), "IMPORT_COMPLETED");
        assert_eq!(products(&world).await.len(), 39);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_come_again_change_what_they_say_differently_and_nothing_else() {
    for database in databases().await {
        let world = World::start(database).await;
        let store = world.open_store(Seller(1)).await;
        let mut rows: Vec<_> = (0..30).map(|number| bolts(&store, &format!("R{number}"))).collect();
        let first = add(&world, &open(&world, &store).await, 0, rows.clone()).await.unwrap();
        assert_eq!((first.listed, first.changed, first.unchanged), (30, 0, 0));
        let before = products(&world).await;

        let again = add(&world, &open(&world, &store).await, 0, rows.clone()).await.unwrap();
        assert_eq!((again.received, again.listed, again.changed, again.unchanged), (30, 0, 0, 30));
        assert_eq!(products(&world).await, before);

        rows[3].title = "Hexagon bolts, black".to_owned();
        rows[4].title.clear();
        let other = add(&world, &open(&world, &store).await, 0, rows).await.unwrap();
        assert_eq!((other.changed, other.unchanged, other.rejected), (1, 28, 1));
        let after = products(&world).await;
        let changed: Vec<_> = after.iter().filter(|product| !before.contains(product)).collect();
        assert_eq!((after.len(), changed.len()), (30, 1));
        let old = before.iter().find(|product| product.id == changed[0].id).unwrap();
        let ids = |product: &v1::Product| product.variants.iter().map(|variant| variant.id.clone()).collect::<Vec<_>>();
        assert_eq!((changed[0].title.as_str(), ids(changed[0])), ("Hexagon bolts, black", ids(old)));
    }
}

/// As a crash between rows and their count: nothing can be counted while there is this trigger.
async fn stopped_before_counting(world: &World) -> DatabaseConnection {
    let behind = SeaOrm::connect(world.database.url()).await.unwrap();
    let stop = "CREATE TRIGGER stop BEFORE UPDATE ON imports WHEN NEW.updated <> OLD.updated BEGIN SELECT RAISE(ABORT, 'stopped'); END";
    behind.execute_unprepared(stop).await.unwrap();
    behind
}

/// Whoever takes in rows has died long ago.
const LONG_AGO: &str = "UPDATE imports SET claimed = 0, version = version + 1";

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_feed_an_import_at_once_only_one_lists_anything() {
    for database in databases().await {
        let world = World::start(database).await;
        let store = world.open_store(Seller(1)).await;
        let import = open(&world, &store).await;
        let feed = |feeder: usize| {
            let rows = (0..20).map(|number| bolts(&store, &format!("F{feeder}-{number}"))).collect();
            add(&world, &import, 0, rows)
        };
        let outcomes = [feed(0), feed(1), feed(2)];
        let outcomes = futures::future::join_all(outcomes).await;
        let (taken, refused): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
        assert_eq!(taken.len(), 1);
        for refused in refused {
            let why = reason(&refused.unwrap_err());
            assert!(["IMPORT_BUSY", "ROWS_OUT_OF_ORDER"].contains(&why.as_str()), "{why}");
        }
        assert_eq!(products(&world).await.len(), 20, "those of the one alone");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn while_rows_are_taken_in_others_are_refused_and_list_nothing_and_nobody_completes_the_import() {
    let world = World::start(Database::sqlite()).await;
    let store = world.open_store(Seller(1)).await;
    let row = |number: usize| vec![bolts(&store, &format!("R{number}"))];
    let (resumed, abandoned) = (open(&world, &store).await, open(&world, &store).await);
    let behind = stopped_before_counting(&world).await;
    add(&world, &resumed, 0, row(0)).await.unwrap_err();
    add(&world, &abandoned, 0, row(1)).await.unwrap_err();
    for import in [&resumed, &abandoned] {
        let other = add(&world, import, 0, row(2)).await.unwrap_err();
        let over = complete(&world, import).await.unwrap_err();
        assert_eq!([reason(&other), reason(&over)], ["IMPORT_BUSY", "IMPORT_BUSY"]);
    }
    assert_eq!(products(&world).await.len(), 2, "what was refused is not listed");
    behind.execute_unprepared("DROP TRIGGER stop").await.unwrap();

    let counted = add(&world, &resumed, 0, row(0)).await.unwrap();
    assert_eq!((counted.received, counted.listed), (1, 1), "the same rows go on");
    assert_eq!(complete(&world, &resumed).await.unwrap().received, 1);
    behind.execute_unprepared(LONG_AGO).await.unwrap();
    assert_eq!(complete(&world, &abandoned).await.unwrap().state(), ImportState::Completed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_was_listed_and_not_counted_may_come_again_corrected() {
    let world = World::start(Database::sqlite()).await;
    let store = world.open_store(Seller(1)).await;
    let import = open(&world, &store).await;
    let mut rows: Vec<_> = (0..3).map(|number| bolts(&store, &format!("R{number}"))).collect();
    let behind = stopped_before_counting(&world).await;
    add(&world, &import, 0, rows.clone()).await.unwrap_err();
    assert_eq!(products(&world).await.len(), 3);
    behind.execute_unprepared("DROP TRIGGER stop").await.unwrap();

    rows[1].title = "Hexagon bolts, black".to_owned();
    let early = add(&world, &import, 0, rows.clone()).await.unwrap_err();
    assert_eq!(reason(&early), "IMPORT_BUSY");
    behind.execute_unprepared(LONG_AGO).await.unwrap();
    let counted = add(&world, &import, 0, rows).await.unwrap();
    assert_eq!((counted.received, counted.listed, counted.changed, counted.rejected), (3, 2, 1, 0));
    let titles = products(&world).await.into_iter().map(|product| product.title);
    assert_eq!(titles.filter(|title| title == "Hexagon bolts, black").count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_are_counted_late_are_counted_as_what_they_did() {
    let world = World::start(Database::sqlite()).await;
    let store = world.open_store(Seller(1)).await;
    let titled = |prefix: &str, title: &str| v1::CreateProductRequest {
        title: title.to_owned(),
        ..bolts(&store, prefix)
    };
    let had = vec![bolts(&store, "R0"), bolts(&store, "R1"), bolts(&store, "R2")];
    add(&world, &open(&world, &store).await, 0, had).await.unwrap();
    let mut with_a_third_variant = titled("R2", "Hexagon bolts");
    with_a_third_variant.variants.push(variant("R2-30", "30 mm"));
    let rows = vec![
        titled("R0", "Hexagon bolts"),
        bolts(&store, "R1"),
        with_a_third_variant,
        bolts(&store, "R3"),
        titled("R3", "Hexagon bolts"),
        titled("R4", ""),
    ];
    let import = open(&world, &store).await;
    let behind = stopped_before_counting(&world).await;
    add(&world, &import, 0, rows.clone()).await.unwrap_err();
    let written = products(&world).await;
    assert_eq!(written.iter().filter(|product| product.title == "Hexagon bolts").count(), 3);
    // Before they are counted, what the first row changed is changed by hand.
    let by_hand = |product: &v1::Product| v1::UpdateProductRequest {
        product_id: product.id.clone(),
        product: Some(v1::Product {
            description: "By hand".to_owned(),
            ..v1::Product::default()
        }),
        ..v1::UpdateProductRequest::default()
    };
    let first = written.iter().find(|product| product.variants[0].sku == "R0-10").unwrap();
    world.products().update_product(world.by(Seller(1), by_hand(first))).await.unwrap();
    let before = products(&world).await;
    behind.execute_unprepared("DROP TRIGGER stop").await.unwrap();

    let counted = add(&world, &import, 0, rows).await.unwrap();
    assert_eq!(
        (counted.listed, counted.changed, counted.unchanged, counted.rejected),
        (1, 3, 1, 1),
        "{counted:?}"
    );
    assert_eq!(products(&world).await, before, "nothing is done twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn white_space_around_an_article_number_is_no_part_of_it() {
    for database in databases().await {
        let world = World::start(database).await;
        let store = world.open_store(Seller(1)).await;
        let mut rows: Vec<_> = (0..3).map(|number| bolts(&store, &format!("R{number}"))).collect();
        add(&world, &open(&world, &store).await, 0, rows.clone()).await.unwrap();
        let before = products(&world).await;
        rows[0].variants[0].sku.push(' ');
        rows[1].variants[1].sku.insert(0, '\t');
        rows[2].variants[1].sku.push(' ');
        rows[2].title.push_str(", black");
        let again = add(&world, &open(&world, &store).await, 0, rows).await.unwrap();
        assert_eq!((again.unchanged, again.changed, again.rejected), (2, 1, 0));
        let variants = |products: &[v1::Product]| products.iter().flat_map(|product| product.variants.clone()).collect::<Vec<_>>();
        assert_eq!(variants(&products(&world).await), variants(&before));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_of_several_rows_about_one_product_is_what_stays() {
    for database in databases().await {
        let world = World::start(database).await;
        let store = world.open_store(Seller(1)).await;
        let titled = |number: usize| v1::CreateProductRequest {
            title: format!("Bolt in its edition {number}"),
            ..bolts(&store, "R")
        };
        let import = add(&world, &open(&world, &store).await, 0, (0..20).map(titled).collect())
            .await
            .unwrap();
        assert_eq!((import.listed, import.changed), (1, 19));
        let listed = products(&world).await;
        assert_eq!(listed.len(), 1);
        assert_eq!(listed[0].title, "Bolt in its edition 19");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_is_its_owners_alone() {
    let world = World::start(harness::Database::sqlite()).await;
    let store = world.open_store(Seller(1)).await;
    let import = open(&world, &store).await;
    let get = || v1::GetImportRequest {
        import_id: import.id.clone(),
    };
    let own = client(&world).get_import(world.by(Seller(1), get())).await.unwrap().into_inner();
    assert_eq!(own, import);
    let stranger = client(&world).get_import(world.by(Seller(2), get())).await.unwrap_err();
    assert_eq!(stranger.code(), Code::NotFound);
    let request = v1::CreateImportRequest {
        store_id: store.id.clone(),
        ..v1::CreateImportRequest::default()
    };
    let foreign = client(&world).create_import(world.by(Seller(2), request)).await.unwrap_err();
    assert_eq!(foreign.code(), Code::PermissionDenied);
}
