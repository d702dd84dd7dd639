//! Categories, and listings that are checked against them.

use harness::{databases, until};
use proto::catalog::v1::{self, AttributeType, category_service_client::CategoryServiceClient, search_service_client::SearchServiceClient};
use tonic::{Code, Status, transport::Channel};

use crate::world::{Seller, World, bolts, fields, reason};

fn template(name: &str, kind: AttributeType) -> v1::AttributeTemplate {
    v1::AttributeTemplate {
        name: name.to_owned(),
        r#type: kind.into(),
        ..v1::AttributeTemplate::default()
    }
}

fn client(world: &World) -> CategoryServiceClient<Channel> {
    CategoryServiceClient::new(world.channel())
}

async fn create(world: &World, parent: &str, name: &str, attributes: Vec<v1::AttributeTemplate>) -> Result<v1::Category, Status> {
    let request = v1::CreateCategoryRequest {
        request_id: name.to_owned(),
        parent_id: parent.to_owned(),
        name: name.to_owned(),
        attributes,
    };
    let created = client(world).create_category(world.by_operator(request)).await;
    created.map(tonic::Response::into_inner)
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_grow_a_tree_that_everyone_reads() {
    for database in databases().await {
        let world = World::start(database).await;
        let root = create(&world, "", "Fasteners", vec![]).await.unwrap();
        let bolts = create(&world, &root.id, "Bolts", vec![]).await.unwrap();
        let nuts = create(&world, &root.id, "Nuts", vec![]).await.unwrap();
        assert_eq!(
            create(&world, &root.id, "Nuts", vec![]).await.unwrap(),
            nuts,
            "the same request again"
        );
        let hex = create(&world, &bolts.id, "Hex bolts", vec![]).await.unwrap();
        assert_eq!(hex.ancestor_ids, [root.id.clone(), bolts.id.clone()]);
        let list = |parent: &str| v1::ListCategoriesRequest {
            parent_id: parent.to_owned(),
            ..v1::ListCategoriesRequest::default()
        };
        let roots = client(&world).list_categories(list("")).await.unwrap().into_inner();
        assert_eq!(roots.categories, std::slice::from_ref(&root));
        let children = client(&world).list_categories(list(&root.id)).await.unwrap().into_inner();
        assert_eq!(children.categories, [bolts, nuts]);
        let request = v1::CreateCategoryRequest {
            name: "Mine".to_owned(),
            ..v1::CreateCategoryRequest::default()
        };
        let seller = client(&world).create_category(world.by(Seller(1), request)).await.unwrap_err();
        assert_eq!(seller.code(), Code::PermissionDenied);
        let unknown = create(&world, &Seller(7).organisation().to_string().replace("org", "cat"), "X", vec![])
            .await
            .unwrap_err();
        assert_eq!(fields(&unknown), ["parent_id"]);
        assert_eq!(fields(&create(&world, "", "Two\nlines", vec![]).await.unwrap_err()), ["name"]);
        let twice = vec![
            template("a", AttributeType::Flag),
            template("a", AttributeType::Flag),
            template("b", AttributeType::Unspecified),
            template("brand", AttributeType::Text),
            template("scale 1:10", AttributeType::Text),
        ];
        assert_eq!(
            fields(&create(&world, "", "Y", twice).await.unwrap_err()),
            [
                "attributes[2].type",
                "attributes[3].name",
                "attributes[4].name",
                "attributes[1].name"
            ]
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_who_change_a_category_at_the_same_time_all_succeed() {
    for database in databases().await {
        let world = World::start(database).await;
        let bolts = create(&world, "", "Bolts", vec![]).await.unwrap();
        let update = |new: v1::Category| {
            let request = v1::UpdateCategoryRequest {
                request_id: format!("{new:?}"),
                category_id: bolts.id.clone(),
                category: Some(new),
                ..v1::UpdateCategoryRequest::default()
            };
            let (mut categories, request) = (client(&world), world.by_operator(request));
            async move { categories.update_category(request).await.map(tonic::Response::into_inner) }
        };
        let all = (1..=12).flat_map(|number| {
            let name = v1::Category {
                name: format!("Bolts {number}"),
                ..v1::Category::default()
            };
            let attributes = v1::Category {
                attributes: vec![template(&format!("length {number}"), AttributeType::Flag)],
                ..v1::Category::default()
            };
            [update(name), update(attributes)]
        });
        let mut answers = futures::future::try_join_all(all).await.unwrap();
        answers.push(bolts.clone());
        answers.sort_by_key(|category| category.etag.parse::<i64>().unwrap());
        for (place, pair) in answers.windows(2).enumerate() {
            let [before, after] = pair else { unreachable!() };
            assert_eq!(after.etag, (place + 2).to_string());
            assert_ne!(
                before.name == after.name,
                before.attributes == after.attributes,
                "{before:?} {after:?}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listing_is_checked_against_its_category_and_all_above_it() {
    for database in databases().await {
        let world = World::start(database).await;
        let store = world.open_store(Seller(1)).await;
        let material = v1::AttributeTemplate {
            required: true,
            allowed_values: vec!["A2".to_owned(), "A4".to_owned()],
            ..template("material", AttributeType::Text)
        };
        let thread = v1::AttributeTemplate {
            unit: "mm".to_owned(),
            ..template("thread", AttributeType::Number)
        };
        let length = v1::AttributeTemplate {
            variant_axis: true,
            ..template("length", AttributeType::Text)
        };
        let root = create(&world, "", "Fasteners", vec![material]).await.unwrap();
        let leaf = create(&world, &root.id, "Bolts", vec![thread, length]).await.unwrap();
        let mut request = v1::CreateProductRequest {
            category_id: leaf.id.clone(),
            ..bolts(&store, "HB")
        };
        request.attributes[0].unit = "cm".to_owned();
        let status = world
            .products()
            .create_product(world.by(Seller(1), request.clone()))
            .await
            .unwrap_err();
        assert_eq!(fields(&status), ["attributes[0].unit", "attributes"]);
        request.attributes[0].unit = "mm".to_owned();
        request.attributes.push(v1::Attribute {
            name: "material".to_owned(),
            value: Some(v1::attribute::Value::Text("A2".to_owned())),
            unit: String::new(),
        });
        let listed = world.list(Seller(1), request.clone()).await;
        assert_eq!(listed.category_id, leaf.id);

        // The template changes, and the next change of the product has to follow it.
        let allowed = v1::AttributeTemplate {
            allowed_values: vec!["A4".to_owned()],
            ..template("material", AttributeType::Text)
        };
        let update = |etag: &str| v1::UpdateCategoryRequest {
            category_id: root.id.clone(),
            category: Some(v1::Category {
                attributes: vec![allowed.clone()],
                ..v1::Category::default()
            }),
            etag: etag.to_owned(),
            ..v1::UpdateCategoryRequest::default()
        };
        let changed = client(&world)
            .update_category(world.by_operator(update("1")))
            .await
            .unwrap()
            .into_inner();
        assert_eq!((changed.etag.as_str(), changed.name.as_str()), ("2", "Fasteners"));
        let stale = client(&world).update_category(world.by_operator(update("1"))).await.unwrap_err();
        assert_eq!(reason(&stale), "STALE_VERSION");
        let rename = v1::UpdateProductRequest {
            product_id: listed.id.clone(),
            product: Some(v1::Product {
                title: "Other".to_owned(),
                ..v1::Product::default()
            }),
            ..v1::UpdateProductRequest::default()
        };
        let status = world.products().update_product(world.by(Seller(1), rename)).await.unwrap_err();
        assert_eq!(fields(&status), ["product.attributes[1].text"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_request_hears_what_it_heard_though_its_category_asks_for_more_by_now() {
    for database in databases().await {
        let world = World::start(database).await;
        let store = world.open_store(Seller(1)).await;
        let category = create(&world, "", "Bolts", vec![]).await.unwrap();
        let create = |key: &str, prefix: &str| v1::CreateProductRequest {
            request_id: key.to_owned(),
            category_id: category.id.clone(),
            ..bolts(&store, prefix)
        };
        let list = async |key: &str, prefix: &str| {
            let listed = world.products().create_product(world.by(Seller(1), create(key, prefix))).await;
            listed.map(tonic::Response::into_inner)
        };
        let listed = list("c", "HB").await.unwrap();
        let rename = async |key: &str| {
            let message = v1::UpdateProductRequest {
                request_id: key.to_owned(),
                product_id: listed.id.clone(),
                product: Some(v1::Product {
                    title: "Other".to_owned(),
                    ..v1::Product::default()
                }),
                ..v1::UpdateProductRequest::default()
            };
            let renamed = world.products().update_product(world.by(Seller(1), message)).await;
            renamed.map(tonic::Response::into_inner)
        };
        let renamed = rename("r").await.unwrap();
        let material = v1::AttributeTemplate {
            required: true,
            ..template("material", AttributeType::Text)
        };
        let grown = v1::UpdateCategoryRequest {
            category_id: category.id.clone(),
            category: Some(v1::Category {
                attributes: vec![material],
                ..v1::Category::default()
            }),
            ..v1::UpdateCategoryRequest::default()
        };
        client(&world).update_category(world.by_operator(grown)).await.unwrap();

        assert_eq!(list("c", "HB").await.unwrap(), listed);
        assert_eq!(rename("r").await.unwrap(), renamed);
        assert_eq!(fields(&list("d", "HC").await.unwrap_err()), ["attributes"]);
        assert_eq!(fields(&rename("s").await.unwrap_err()), ["product.attributes"]);
        assert_eq!(reason(&list("c", "HC").await.unwrap_err()), "IDEMPOTENCY_KEY_REUSED");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_that_its_category_has_grown_out_of_is_not_published_until_it_follows() {
    for database in databases().await {
        let world = World::start(database).await;
        let store = world.open_store(Seller(1)).await;
        let category = create(&world, "", "Bolts", vec![]).await.unwrap();
        let draft = v1::CreateProductRequest {
            category_id: category.id.clone(),
            publish: false,
            ..bolts(&store, "HB")
        };
        let draft = world.list(Seller(1), draft).await;
        let required = v1::AttributeTemplate {
            required: true,
            ..template("material", AttributeType::Text)
        };
        let grown = v1::UpdateCategoryRequest {
            category_id: category.id.clone(),
            category: Some(v1::Category {
                attributes: vec![required],
                ..v1::Category::default()
            }),
            ..v1::UpdateCategoryRequest::default()
        };
        client(&world).update_category(world.by_operator(grown)).await.unwrap();

        let publish = || v1::PublishProductRequest {
            product_id: draft.id.clone(),
            ..v1::PublishProductRequest::default()
        };
        let status = world.products().publish_product(world.by(Seller(1), publish())).await.unwrap_err();
        assert_eq!(
            (status.code(), reason(&status).as_str()),
            (Code::FailedPrecondition, "LISTING_NOT_SOUND")
        );
        assert_eq!(fields(&status), ["product.attributes"]);
        assert_eq!(world.get(0, &draft.id).await.unwrap_err().code(), Code::NotFound);

        let mut followed = draft.clone();
        followed.attributes.push(v1::Attribute {
            name: "material".to_owned(),
            value: Some(v1::attribute::Value::Text("A2".to_owned())),
            unit: String::new(),
        });
        let follow = v1::UpdateProductRequest {
            product_id: draft.id.clone(),
            product: Some(followed),
            ..v1::UpdateProductRequest::default()
        };
        world.products().update_product(world.by(Seller(1), follow)).await.unwrap();
        world.products().publish_product(world.by(Seller(1), publish())).await.unwrap();
        assert_eq!(world.get(0, &draft.id).await.unwrap().attributes.len(), 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_within_a_category_counts_what_its_templates_call_facets() {
    let world = World::start(harness::Database::sqlite()).await;
    let store = world.open_store(Seller(1)).await;
    let thread = v1::AttributeTemplate {
        unit: "mm".to_owned(),
        facet: true,
        ..template("thread", AttributeType::Number)
    };
    let root = create(&world, "", "Fasteners", vec![thread]).await.unwrap();
    let leaf = create(&world, &root.id, "Bolts", vec![]).await.unwrap();
    let listed = v1::CreateProductRequest {
        category_id: leaf.id.clone(),
        ..bolts(&store, "HB")
    };
    world.list(Seller(1), listed).await;
    world.list(Seller(1), bolts(&store, "XX")).await;
    let search = SearchServiceClient::new(world.channel());
    let request = v1::SearchProductsRequest {
        category_id: root.id.clone(),
        ..v1::SearchProductsRequest::default()
    };
    until("the product is found in its category's parent", || {
        let (mut search, request) = (search.clone(), request.clone());
        async move { search.search_products(request).await.unwrap().into_inner().total_size == 1 }
    })
    .await;
    let facets = || async {
        let found = search.clone().search_products(request.clone()).await.unwrap();
        found.into_inner().facets
    };
    let names = |facets: &[v1::Facet]| facets.iter().map(|facet| facet.name.clone()).collect::<Vec<_>>();
    let first = facets().await;
    assert_eq!(names(&first), ["brand", "category", "thread"]);
    assert_eq!(
        first[2].values,
        [v1::FacetValue {
            value: "8 mm".to_owned(),
            count: 1
        }]
    );
    let mut categories: Vec<&str> = first[1].values.iter().map(|value| value.value.as_str()).collect();
    categories.sort_unstable();
    let mut path = [root.id.as_str(), leaf.id.as_str()];
    path.sort_unstable();
    assert_eq!(categories, path);

    let plain = v1::UpdateCategoryRequest {
        category_id: root.id.clone(),
        category: Some(v1::Category::default()),
        update_mask: Some(prost_types::FieldMask {
            paths: vec!["attributes".to_owned()],
        }),
        ..v1::UpdateCategoryRequest::default()
    };
    client(&world).update_category(world.by_operator(plain)).await.unwrap();
    assert_eq!(
        names(&facets().await),
        ["brand", "category"],
        "the same search follows the category at once"
    );
}
