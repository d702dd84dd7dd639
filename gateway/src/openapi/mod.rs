//! The OpenAPI 3.1 document, from the same route table that serves the requests, with the protos' comments as its words.

mod comments;
mod operation;
mod schema;

use prost_reflect::{DescriptorPool, ServiceDescriptor};
use serde_json::{Map, Value, json};

use self::{comments::Comments, schema::Schemas};
use crate::routes::Route;

/// The document, rendered.
pub(crate) fn document<'r>(pool: &DescriptorPool, routes: impl Iterator<Item = &'r Route>) -> Vec<u8> {
    let comments = Comments::of(pool);
    let mut schemas = Schemas::new(&comments);
    let mut paths = Map::new();
    let mut tags: Vec<Value> = Vec::new();
    let mut known = Vec::new();
    for route in routes {
        let times = known.iter().filter(|name| *name == route.rpc.full_name()).count();
        known.push(route.rpc.full_name().to_owned());
        let operation = operation::operation(route, &comments, &mut schemas, times);
        let path = paths.entry(route.template.openapi()).or_insert_with(|| json!({}));
        path[route.method.as_str().to_ascii_lowercase()] = operation;
        let tag = tag(route.rpc.parent_service(), &comments);
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    let document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Tradewind",
            "version": "1",
            "description": "Marketplace, escrow payments, logistics and messaging. Errors are RFC 9457 problems; 64-bit integers are strings; a \
                write repeated with its Idempotency-Key happens once. What the path or a header gives has no place in a body or a query: a `requestId` \
                is given by the Idempotency-Key alone, and the `etag` that a change is based on by If-Match alone.",
        },
        "servers": [{"url": "/"}],
        "tags": tags,
        "paths": paths,
        "components": {
            "schemas": schemas.finish(),
            "responses": {"Problem": operation::problem_response()},
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "An access token from `POST /v1/sessions`."}},
        },
    });
    serde_json::to_vec(&document).expect("JSON values are JSON")
}

fn tag(service: &ServiceDescriptor, comments: &Comments) -> Value {
    json!({"name": service.name(), "description": comments.of_service(service)})
}
