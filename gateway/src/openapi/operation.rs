//! One route as an OpenAPI operation.

use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};
use runtime::auth::Access;
use serde_json::{Map, Value, json};

use super::{
    comments::{Comments, summary},
    schema::Schemas,
};
use crate::{
    codec::{Behaviour, Behaviours, Shape},
    routes::{Body, Input, Output, Route},
};

/// How deep query parameters reach into nested messages.
const DEPTH: usize = 3;

/// The operation of a route; an RPC that has several gets a number behind its name.
pub(crate) fn operation(route: &Route, comments: &Comments, schemas: &mut Schemas<'_>, times: usize) -> Value {
    let service = route.rpc.parent_service();
    let comment = comments.of_rpc(&route.rpc);
    let number = if times == 0 { String::new() } else { format!(".{}", times + 1) };
    let mut operation = json!({
        "operationId": format!("{}.{}{number}", service.name(), route.rpc.name()),
        "tags": [service.name()],
        "summary": if comment.is_empty() { words(route.rpc.name()) } else { summary(comment).to_owned() },
        "parameters": parameters(route, schemas),
        "responses": responses(route, schemas),
        "security": security(&route.access),
    });
    let description = [comment.to_owned(), access(&route.access)]
        .into_iter()
        .filter(|text| !text.is_empty())
        .collect::<Vec<_>>()
        .join("\n\n");
    if !description.is_empty() {
        operation["description"] = description.into();
    }
    if let Some(body) = request_body(route, schemas) {
        operation["requestBody"] = body;
    }
    operation
}

/// The answer to every request that was not carried out.
pub(crate) fn problem_response() -> Value {
    json!({
        "description": "The request was not carried out.",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    })
}

fn parameters(route: &Route, schemas: &mut Schemas<'_>) -> Vec<Value> {
    let mut parameters = Vec::new();
    let input = route.rpc.input();
    for (name, field) in route.template.parameters() {
        let field = field.and_then(|field| descend(&input, field));
        let schema = field.map_or_else(|| json!({"type": "string"}), |field| schemas.field(&field));
        parameters.push(parameter(&name, "path", true, schema));
    }
    if !matches!(route.body, Body::Whole) {
        query(route, &input, &mut Vec::new(), schemas, &mut parameters);
    }
    let roles = &route.roles;
    let headers = [
        (
            roles.request_id.is_some(),
            "Idempotency-Key",
            roles.request_id.as_ref().is_some_and(|field| field.required),
            "A request repeated with the same key happens once.",
        ),
        (
            !roles.etag.is_empty() && !route.is_safe(),
            "If-Match",
            false,
            "The etag of the version that the change is based on.",
        ),
        (
            roles.response_etag.is_some() && route.is_safe(),
            "If-None-Match",
            false,
            "The etag that is known already: 304 when it still holds.",
        ),
        (
            roles.resume.is_some() && route.output == Output::Events,
            "Last-Event-ID",
            false,
            "The stream goes on behind this event.",
        ),
    ];
    for (_, name, required, description) in headers.into_iter().filter(|(there, ..)| *there) {
        parameters
            .push(json!({"name": name, "in": "header", "required": required, "description": description, "schema": {"type": "string"}}));
    }
    parameters
}

/// Adds a parameter for each field that neither the path nor the body nor a header gives.
fn query(route: &Route, message: &MessageDescriptor, above: &mut Vec<String>, schemas: &mut Schemas<'_>, out: &mut Vec<Value>) {
    for field in message.fields() {
        let path = |name: &str| above.iter().map(String::as_str).chain([name]).collect::<Vec<_>>().join(".");
        let in_path = route.template.variables.iter().any(|variable| variable.field == path(field.name()));
        let in_body = above.is_empty() && matches!(&route.body, Body::Field(body) if body.number == field.number());
        if in_path
            || in_body
            || field.is_map()
            || Behaviours::of(&field).has(Behaviour::OutputOnly)
            || (above.is_empty() && is_header(route, field.number()))
        {
            continue;
        }
        if let Kind::Message(inner) = field.kind()
            && !inner.full_name().starts_with("google.protobuf.")
        {
            if !field.is_list() && above.len() < DEPTH {
                above.push(field.name().to_owned());
                query(route, &inner, above, schemas, out);
                above.pop();
            }
            continue;
        }
        let name = above
            .iter()
            .map(|name| crate::codec::camel(name))
            .chain([field.json_name().to_owned()])
            .collect::<Vec<_>>()
            .join(".");
        let schema = schemas.field(&field);
        out.push(parameter(&name, "query", Behaviours::of(&field).has(Behaviour::Required), schema));
    }
}

/// A parameter that says about itself what its schema says, if that says anything.
fn parameter(name: &str, place: &str, required: bool, schema: Value) -> Value {
    let description = schema.get("description").cloned();
    let mut parameter = json!({"name": name, "in": place, "required": required, "schema": schema});
    if let Some(description) = description {
        parameter["description"] = description;
    }
    parameter
}

/// Fields that have a header of their own.
fn is_header(route: &Route, number: u32) -> bool {
    let own = |field: &Option<std::sync::Arc<crate::codec::Field>>| field.as_ref().is_some_and(|field| field.number == number);
    let etag = matches!(route.roles.etag.as_slice(), [field] if field.number == number);
    own(&route.roles.request_id) || (etag && !route.is_safe())
}

fn request_body(route: &Route, schemas: &mut Schemas<'_>) -> Option<Value> {
    if route.input != Input::Json {
        return Some(
            json!({"required": false, "content": {"*/*": {"schema": {"type": "string", "contentMediaType": "application/octet-stream"}}}}),
        );
    }
    let input = route.rpc.input();
    let (schema, required) = match &route.body {
        Body::None => return None,
        Body::Whole => {
            let bound = route
                .variables
                .iter()
                .filter(|bound| bound.fields.len() == 1)
                .filter_map(|bound| bound.fields.first());
            let mut without: Vec<_> = bound.map(|field| field.number).collect();
            without.extend(
                input
                    .fields()
                    .map(|field| field.number())
                    .filter(|number| is_header(route, *number)),
            );
            let schema = schemas.object(&input, &without);
            let required = schema.get("required").is_some();
            (schema, required)
        }
        Body::Field(field) => {
            let described = input.get_field(field.number)?;
            let mut schema = schemas.field(&described);
            if route.roles.update_mask.is_some() && field.shape == Shape::One {
                schema["description"] = "What is to be changed; fields that are not given stay as they are.".into();
            }
            (schema, field.required)
        }
    };
    Some(json!({"required": required, "content": {"application/json": {"schema": schema}}}))
}

fn responses(route: &Route, schemas: &mut Schemas<'_>) -> Value {
    let output = route.rpc.output();
    let answer = route.response_body.as_ref().and_then(|field| output.get_field(field.number));
    let mut schema = || match &answer {
        Some(field) => schemas.field(field),
        None => schemas.message(&output),
    };
    let raw = json!({"schema": {"type": "string", "contentMediaType": "application/octet-stream"}});
    let content = match route.output {
        Output::Json => json!({"application/json": {"schema": schema()}}),
        Output::Events => json!({"application/x-ndjson": {"schema": schema()}, "text/event-stream": {"schema": schema()}}),
        Output::Raw | Output::Download => json!({"*/*": raw}),
    };
    let mut responses = Map::new();
    let mut success = json!({"description": "Done.", "content": content});
    if route.roles.response_etag.is_some() {
        success["headers"] = json!({"ETag": {"description": "The version.", "schema": {"type": "string"}}});
        if route.is_safe() {
            responses.insert("304".to_owned(), json!({"description": "The known version still holds."}));
        }
    }
    responses.insert("200".to_owned(), success);
    let mut problems = vec!["400", "429", "default"];
    if matches!(route.access, Access::SignedIn { .. }) {
        problems.extend(["401", "403"]);
    }
    if !route.roles.etag.is_empty() && !route.is_safe() {
        problems.extend(["409", "412"]);
    }
    for status in problems {
        responses.insert(status.to_owned(), json!({"$ref": "#/components/responses/Problem"}));
    }
    responses.into()
}

fn security(access: &Access) -> Value {
    match access {
        Access::Public | Access::ProviderSignature | Access::Internal(_) => json!([]),
        Access::SignedIn { scope, roles } => json!([{"bearer": scope.iter().chain(roles).collect::<Vec<_>>()}]),
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

fn descend(message: &MessageDescriptor, path: &str) -> Option<FieldDescriptor> {
    let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
    let field = message.get_field_by_name(name)?;
    match rest {
        None => Some(field),
        Some(rest) => descend(field.kind().as_message()?, rest),
    }
}

/// `GetOrder` becomes `Get order`.
fn words(name: &str) -> String {
    let mut words = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !words.is_empty() {
            words.push(' ');
            words.push(letter.to_ascii_lowercase());
        } else {
            words.push(letter);
        }
    }
    words
}
