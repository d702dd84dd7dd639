//! The OpenAPI 3.1 document, from the same route table that serves the requests, with the protos' comments as its words.

mod comments;
mod headers;
mod operation;
mod parameters;
mod problems;
mod schema;

use std::collections::BTreeSet;

use prost_reflect::{DescriptorPool, ServiceDescriptor};
use serde_json::{Map, Value, json};

use self::{comments::Comments, schema::Schemas};
use crate::{config::Config, routes::Route};

/// What holds for every operation, in Markdown.
const ABOUT: &str = "\
Marketplace, escrow payments, logistics and messaging.

**Who calls** is told by an access token of `POST /v1/sessions`, as `Authorization: Bearer …`. Each operation says which scope or role it needs.

**What is refused** is answered with a problem (RFC 9457), whose `reason` is for programs and whose `violations` name every field that is not \
what it should be. A field or parameter that is not described here is refused; one that only we set is ignored.

**A write repeated with its Idempotency-Key** happens once, so that whoever heard no answer, or 503 or 504, sends the same again. What the path or a \
header gives has no place in a body or a query: a `requestId` is given by the Idempotency-Key alone, and the `etag` that a change is based on by \
If-Match alone.

**In JSON**, 64-bit integers are strings and enums are names. Answers leave out what is absent, and nothing else: what a schema of an answer \
requires is always there, if only as an empty text, a zero or an empty list. More members and more names may come, and a name that is newer than \
this document comes as its number; clients pass over what they do not know.

**Lists** come in pages: `nextPageToken` asks for the next one, and is empty on the last.";

/// The document, rendered.
pub(crate) fn document<'r>(pool: &DescriptorPool, routes: impl Iterator<Item = &'r Route> + Clone, config: &Config) -> Vec<u8> {
    let comments = Comments::of(pool);
    let mut schemas = Schemas::new(&comments, routes.clone().map(|route| route.rpc.output()));
    let mut paths = Map::new();
    let mut tags: Vec<Value> = Vec::new();
    let mut known = BTreeSet::new();
    for route in routes {
        let operation = operation::operation(route, &comments, &mut schemas, &mut known);
        let path = paths.entry(route.template.openapi()).or_insert_with(|| json!({}));
        path[route.method.as_str().to_ascii_lowercase()] = operation;
        let tag = tag(route.rpc.parent_service(), &comments);
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    let mut schemas = schemas.finish();
    schemas.insert("Problem".to_owned(), problems::schema());
    let document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Tradewind",
            "version": "1",
            "summary": "An open trade ecosystem.",
            "description": about(config),
            "license": {"name": "Apache 2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/", "description": "The gateway that serves this document."}],
        "tags": tags,
        "paths": paths,
        "components": {
            "schemas": schemas,
            "parameters": headers::parameters(config),
            "headers": headers::answered(),
            "responses": problems::responses(),
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "An access token from `POST /v1/sessions`."}},
        },
    });
    serde_json::to_vec(&document).expect("JSON values are JSON")
}

/// What holds for every operation, and how much of everything there may be.
fn about(config: &Config) -> String {
    let rates = [
        (config.requests_per_second_per_principal, "requests a second of one account"),
        (config.requests_per_second_per_address, "requests a second from one address"),
        (config.streams_per_principal, "streams of one account at once"),
    ];
    // 0 is without limit.
    let rates = rates.into_iter().filter(|(most, _)| *most > 0);
    let rates: String = rates.map(|(most, of_what)| format!(", {most} {of_what}")).collect();
    let (body, upload) = (config.body_bytes, config.upload_bytes);
    format!("{ABOUT}\n\n**At most** there may be {body} bytes in a body, {upload} bytes in an upload{rates}.")
}

fn tag(service: &ServiceDescriptor, comments: &Comments) -> Value {
    let mut tag = json!({"name": service.name()});
    let words = comments.of_service(service);
    if !words.is_empty() {
        tag["description"] = words.into();
    }
    tag
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{codec::Plans, routes::Routes};

    #[test]
    fn every_operation_of_ours_has_words_and_a_name_of_its_own() {
        let pool = proto::pool();
        let routes = Routes::of(pool, &Plans::of(pool), |_| true).unwrap();
        let document = document(pool, routes.all().iter().map(|route| &**route), &Config::default());
        let document: Value = serde_json::from_slice(&document).unwrap();
        let paths = document["paths"].as_object().unwrap();
        let operations: Vec<_> = paths.values().flat_map(|path| path.as_object().unwrap().values()).collect();
        assert_eq!(operations.len(), routes.all().len());
        let names: BTreeSet<_> = operations.iter().map(|one| one["operationId"].as_str().unwrap()).collect();
        assert_eq!(names.len(), operations.len());
        assert!(names.contains("ProductService.ListProducts") && names.contains("ProductService.ListProductsByStoreId"));
        let titles: BTreeSet<_> = operations
            .iter()
            .map(|one| (one["tags"][0].as_str(), one["summary"].as_str()))
            .collect();
        assert_eq!(titles.len(), operations.len());
        let silent = operations.iter().filter(|one| one["summary"].as_str().is_none_or(str::is_empty));
        assert_eq!(silent.count(), 0);
        let tags = document["tags"].as_array().unwrap();
        assert!(tags.iter().all(|tag| tag["description"].is_string()), "{tags:#?}");
        let schemas = document["components"]["schemas"].as_object().unwrap();
        let twice: Vec<_> = schemas.keys().filter(|name| name.ends_with("-Input")).collect();
        assert!(twice.iter().any(|name| *name == "order.v1.QuotationLine-Input") && !schemas.contains_key("money.v1.Money-Input"));
    }
}
