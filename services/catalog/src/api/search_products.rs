//! Finds products on the market.

use std::{
    collections::{BTreeMap, HashMap},
    mem,
};

use bytes::Bytes;
use kernel::{CategoryId, InvalidPage, PageToken, ProductId, StoreId, uuid::Uuid};
use prost::Message;
use proto::catalog::v1::{self, SearchOrder};
use runtime::{Problem, Violations};
use tonic::Status;

use super::{Api, encoded::Encoded};
use crate::{
    domain::attribute::FACETS,
    search::{Found, Order, Question},
};

/// Nobody turns so many pages; a search is made narrower instead.
const DEEPEST: usize = 10_000;

/// More facets than this are no help.
const MOST_FACETS: usize = 20;

/// More values than this are no filter.
const MOST_VALUES: usize = 100;

pub(super) async fn handle(api: &Api, mut request: v1::SearchProductsRequest) -> Result<Encoded, Status> {
    // A page belongs to its question, so its token does not work with another one.
    let (size, token) = (mem::take(&mut request.page_size), mem::take(&mut request.page_token));
    let list = request.encode_to_vec();
    let name = format!("search {} {size} {} {token} ", api.index.shown(), token.len());
    let key = match api.cache.page([name.as_bytes(), &list].concat()) {
        Ok(page) => return Ok(Encoded::new(page)),
        Err(key) => key,
    };
    let mut check = Violations::new();
    let page = check.page(size, &token, ("search", list));
    let offset = page.after().map_or(Some(0), |after| {
        usize::try_from(after.position).ok().filter(|offset| *offset < DEEPEST)
    });
    check.require(offset.is_some(), "page_token", &InvalidPage::Token.to_string());
    let offset = offset.unwrap_or(0);
    let mut question = question(&mut check, &request, offset, page.size() as usize);
    check.finish(())?;
    if question.facets.is_empty() {
        question.facets = usual_facets(api, question.category).await?;
    }

    if !api.index.is_complete() {
        return Err(Problem::unavailable("the search index is being made").into());
    }
    let turn = api.turns.take().await;
    let turn = turn.ok_or_else(|| Problem::unavailable("too many searches wait for their turn"))?;
    let index = api.index.clone();
    let asked = tokio::task::spawn_blocking(move || {
        // It runs to its end even when nobody waits for it any more, and is counted until then.
        let _turn = turn;
        index.ask(&question)
    })
    .await;
    let found = asked.map_err(Problem::internal)?.map_err(Problem::internal)?;
    let seen = offset + found.products.len();
    let more = !found.products.is_empty() && (seen as u64) < found.total && seen < DEEPEST;
    let next = more.then(|| {
        let position = i64::try_from(seen).expect("below the deepest page");
        page.token(PageToken { position, id: Uuid::nil() })
    });
    let encoded = answer(api, found, &next.unwrap_or_default()).await?;
    api.cache.put_page(key, encoded.clone());
    Ok(Encoded::new(encoded))
}

fn question(check: &mut Violations, request: &v1::SearchProductsRequest, offset: usize, limit: usize) -> Question {
    let currency = if request.currency.is_empty() {
        None
    } else {
        check.currency("currency", &request.currency)
    };
    let order = match SearchOrder::try_from(request.order_by) {
        Ok(SearchOrder::Unspecified) => Order::Relevance,
        Ok(SearchOrder::PriceAscending) => Order::PriceAscending,
        Ok(SearchOrder::PriceDescending) => Order::PriceDescending,
        Ok(SearchOrder::Newest) => Order::Newest,
        Err(_) => {
            check.add("order_by", "is not a known order");
            Order::Relevance
        }
    };
    let compares_prices =
        matches!(order, Order::PriceAscending | Order::PriceDescending) || request.min_price != 0 || request.max_price != 0;
    check.require(
        !compares_prices || !request.currency.is_empty(),
        "currency",
        "is required to compare prices",
    );
    check.require(request.min_price >= 0, "min_price", "must not be negative");
    check.require(request.max_price >= 0, "max_price", "must not be negative");
    check.require(request.facets.len() <= MOST_FACETS, "facets", "must have at most 20 items");
    check.require(request.brands.len() <= MOST_VALUES, "brands", "must have at most 100 items");
    Question {
        text: check.text("query", &request.query, 0..=500),
        category: check.optional_id::<CategoryId>("category_id", &request.category_id),
        store: check.optional_id::<StoreId>("store_id", &request.store_id),
        brands: request.brands.clone(),
        attributes: attributes(check, &request.attributes),
        currency,
        min_price: Some(request.min_price).filter(|price| *price > 0),
        max_price: Some(request.max_price).filter(|price| *price > 0),
        order,
        facets: request.facets.clone(),
        offset,
        limit,
    }
}

/// Brands, categories, and what the templates of a category call facets.
async fn usual_facets(api: &Api, category: Option<CategoryId>) -> Result<Vec<String>, Status> {
    let mut facets = FACETS.map(str::to_owned).to_vec();
    if let Some(category) = category {
        let path = api.cache.category_path(category).await?.unwrap_or_default();
        let templates = path.iter().flat_map(|category| &category.label.templates);
        let names = templates.filter(|template| template.facet).map(|template| template.name.clone());
        facets.extend(names.take(MOST_FACETS));
    }
    Ok(facets)
}

/// "name:value" by name, which has no colon.
fn attributes(check: &mut Violations, pairs: &[String]) -> BTreeMap<String, Vec<String>> {
    check.require(pairs.len() <= MOST_VALUES, "attributes", "must have at most 100 items");
    let mut values = BTreeMap::<String, Vec<String>>::new();
    for (place, pair) in pairs.iter().enumerate() {
        match pair.split_once(':') {
            Some((name, value)) => values.entry(name.to_owned()).or_default().push(value.to_owned()),
            None => check.add(
                format!("attributes[{place}]"),
                "must be a name and a value with a colon between them",
            ),
        }
    }
    values
}

/// The products as they now are, in the order in which they were found; one that has left the market since is left out.
async fn answer(api: &Api, found: Found, next_page_token: &str) -> Result<Bytes, Status> {
    let listed = api.cache.products(found.products.iter().copied()).await?;
    let listed = listed.iter().filter(|listed| listed.product.is_visible_to(None));
    let summaries: HashMap<ProductId, &Bytes> = listed.map(|listed| (listed.product.id, &listed.summary)).collect();
    let summaries = found.products.iter().filter_map(|id| summaries.get(id).copied());
    let rest = v1::SearchProductsResponse {
        total_size: count(found.total),
        facets: found.facets.into_iter().map(facet).collect(),
        ..v1::SearchProductsResponse::default()
    };
    // Encoded messages that follow each other are one message with the fields of both.
    let mut bytes = Encoded::list(summaries, next_page_token);
    rest.encode(&mut bytes).map_err(Problem::internal)?;
    Ok(bytes.into())
}

fn facet((name, values): (String, Vec<(String, u64)>)) -> v1::Facet {
    let value = |(value, documents)| v1::FacetValue {
        value,
        count: count(documents),
    };
    v1::Facet {
        name,
        values: values.into_iter().map(value).collect(),
    }
}

fn count(documents: u64) -> i64 {
    i64::try_from(documents).unwrap_or(i64::MAX)
}
