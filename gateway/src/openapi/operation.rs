//! One route as an OpenAPI operation.

use std::collections::BTreeSet;

use runtime::auth::Access;
use serde_json::{Map, Value, json};

use super::{
    comments::{Comments, capital, words},
    headers,
    parameters::{is_header, parameters},
    problems,
    schema::{Schemas, Way},
};
use crate::{
    codec::Shape,
    routes::{Body, Input, Output, Route},
};

/// How a stream is written, and how it ends.
const STREAM: &str = "A stream. For a client that accepts `text/event-stream` each is an event, whose `id` is what Last-Event-ID takes; otherwise \
    each is a line of JSON. Comments and empty lines only say that the stream lives. Its last event is `end` when there is nothing more to come. \
    What goes wrong on the way is the last event, `problem`, or the last line, `{\"problem\": …}`. A client that takes nothing for too long is \
    let go (`STREAM_STALLED`).";

/// The operation of a route, with an id that is not among the `known` ones.
pub(crate) fn operation(route: &Route, comments: &Comments, schemas: &mut Schemas<'_>, known: &mut BTreeSet<String>) -> Value {
    let service = route.rpc.parent_service();
    let name = name(route, service.name(), known);
    let mut operation = json!({
        "operationId": format!("{}.{name}", service.name()),
        "tags": [service.name()],
        "summary": words(&name),
        "parameters": parameters(route, schemas),
        "responses": responses(route, schemas),
        "security": security(&route.access),
    });
    let told = [comments.of_rpc(&route.rpc).to_owned(), access(&route.access), cost(route.cost)];
    let told: Vec<_> = told.into_iter().filter(|text| !text.is_empty()).collect();
    if !told.is_empty() {
        operation["description"] = told.join("\n\n").into();
    }
    if let Some(body) = request_body(route, schemas) {
        operation["requestBody"] = body;
    }
    operation
}

/// Its RPC's name, such as `ListProducts`; where another route leads to that, `ListProductsByStoreId` after its path's variables, or a number.
fn name(route: &Route, service: &str, known: &mut BTreeSet<String>) -> String {
    let plain = route.rpc.name();
    let variables = route.variables.iter().flat_map(|bound| bound.fields.last());
    let by: Vec<_> = variables.map(|field| format!("By{}", capital(&field.json))).collect();
    let numbered = (2..).map(|number| format!("{plain}{number}"));
    let mut names = [plain.to_owned(), format!("{plain}{}", by.concat())].into_iter().chain(numbered);
    names
        .find(|name| known.insert(format!("{service}.{name}")))
        .expect("there is always another number")
}

fn request_body(route: &Route, schemas: &mut Schemas<'_>) -> Option<Value> {
    if route.input != Input::Json {
        return Some(json!({"required": false, "content": {"*/*": {"schema": bytes()}}}));
    }
    let input = route.rpc.input();
    let (schema, required) = match &route.body {
        Body::None => return None,
        Body::Whole => {
            let own = |number: &u32| is_header(route, *number);
            let mut without = given(route, 0);
            without.extend(input.fields().map(|field| field.number()).filter(own));
            let schema = schemas.object(&input, Way::In, &without);
            let required = schema.get("required").is_some();
            (schema, required)
        }
        Body::Field(field) => {
            let described = input.get_field(field.number)?;
            let kind = described.kind();
            let resource = kind.as_message().filter(|_| field.shape == Shape::One);
            let schema = match (resource, &route.roles.update_mask) {
                (Some(resource), Some(_)) => {
                    let mut change = schemas.object(resource, Way::In, &given(route, 1));
                    // A change is no whole resource.
                    let members = change.as_object_mut()?;
                    members.remove("required");
                    members.insert(
                        "description".to_owned(),
                        "What is to be changed; fields that are not given stay as they are.".into(),
                    );
                    change
                }
                _ => schemas.field(&described, Way::In),
            };
            (schema, field.required)
        }
    };
    Some(json!({"required": required, "content": {"application/json": {"schema": schema}}}))
}

/// The numbers of the fields that the path gives, of those so deep in the request.
fn given(route: &Route, depth: usize) -> Vec<u32> {
    let bound = route.variables.iter().filter(|bound| bound.fields.len() == depth + 1);
    bound.filter_map(|bound| bound.fields.last()).map(|field| field.number).collect()
}

fn responses(route: &Route, schemas: &mut Schemas<'_>) -> Value {
    let output = route.rpc.output();
    let mut schema = || match &route.response_body {
        Some(field) => {
            let described = output.get_field(field.number).expect("the route has found it");
            let schema = schemas.field(&described, Way::Out);
            // The one value that is answered is null when it is absent.
            if field.presence {
                json!({"anyOf": [schema, {"type": "null"}]})
            } else {
                schema
            }
        }
        None => schemas.message(&output, Way::Out),
    };
    let content = match route.output {
        Output::Json => json!({"application/json": {"schema": schema()}}),
        Output::Events => json!({"application/x-ndjson": {"schema": schema()}, "text/event-stream": {"schema": schema()}}),
        Output::Raw | Output::Download => json!({"*/*": {"schema": bytes()}}),
    };
    let etag: &[&str] = if headers::has_etag(route) { &["ETag"] } else { &[] };
    let description = match route.output {
        Output::Events => STREAM.to_owned(),
        Output::Json => format!("{}.", words(output.name())),
        Output::Raw | Output::Download => "As it is; the Content-Type tells what.".to_owned(),
    };
    let success = json!({"description": description, "headers": headers::of_answer(etag), "content": content});
    let mut responses = Map::from_iter([("200".to_owned(), success)]);
    if headers::has_etag(route) && route.is_safe() {
        let known = json!({"description": "The known version still holds.", "headers": headers::of_answer(etag)});
        responses.insert("304".to_owned(), known);
    }
    responses.extend(problems::of_route(route));
    responses.into()
}

fn bytes() -> Value {
    json!({"type": "string", "contentMediaType": "application/octet-stream"})
}

/// What a caller needs: one of these.
fn security(access: &Access) -> Value {
    match access {
        Access::Public => json!([{}, {"bearer": []}]),
        Access::ProviderSignature | Access::Internal(_) => json!([]),
        Access::SignedIn { scope, roles } => {
            let with = |role: Option<&String>| json!({"bearer": scope.iter().chain(role).collect::<Vec<_>>()});
            match roles.as_slice() {
                [] => json!([with(None)]),
                roles => roles.iter().map(|role| with(Some(role))).collect(),
            }
        }
    }
}

fn access(access: &Access) -> String {
    match access {
        Access::Public | Access::Internal(_) => String::new(),
        Access::ProviderSignature => "For providers: the signature of the body proves who sends it.".to_owned(),
        Access::SignedIn { scope, roles } => {
            let scope = scope.iter().map(|scope| format!("Needs the scope `{scope}`."));
            let roles = Some(roles.join("`, `"))
                .filter(|roles| !roles.is_empty())
                .map(|roles| format!("Needs one of the roles `{roles}`."));
            scope.chain(roles).collect::<Vec<_>>().join(" ")
        }
    }
}

fn cost(requests: u32) -> String {
    if requests > 1 {
        format!("Counts as {requests} requests of its address.")
    } else {
        String::new()
    }
}
