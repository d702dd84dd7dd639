//! What a request says in its path and its query.

use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};
use serde_json::{Value, json};

use super::{
    headers,
    schema::{Schemas, Way},
};
use crate::{
    codec::{Behaviour, Behaviours, Field, camel},
    routes::{Body, Route},
};

/// How deep query parameters reach into nested messages.
const DEPTH: usize = 3;

/// All parameters of a route: its path's, its query's and its headers.
pub(crate) fn parameters(route: &Route, schemas: &mut Schemas<'_>) -> Vec<Value> {
    let mut parameters = Vec::new();
    let input = route.rpc.input();
    for (name, field) in route.template.parameters() {
        let field = field.and_then(|field| descend(&input, field));
        let schema = field.map_or_else(|| json!({"type": "string"}), |field| schemas.field(&field, Way::In));
        parameters.push(parameter(&name, "path", true, schema));
    }
    if !matches!(route.body, Body::Whole) {
        query(route, &input, &mut Vec::new(), schemas, &mut parameters);
    }
    parameters.extend(headers::understood(route));
    parameters
}

/// Fields that have a header of their own.
pub(crate) fn is_header(route: &Route, number: u32) -> bool {
    let own = |field: &Option<std::sync::Arc<Field>>| field.as_ref().is_some_and(|field| field.number == number);
    let etag = matches!(route.roles.etag.as_slice(), [field] if field.number == number);
    own(&route.roles.request_id) || (etag && !route.is_safe())
}

/// Adds a parameter for each field that neither the path nor the body nor a header gives.
fn query(route: &Route, message: &MessageDescriptor, above: &mut Vec<String>, schemas: &mut Schemas<'_>, out: &mut Vec<Value>) {
    for field in message.fields() {
        let path = |name: &str| above.iter().map(String::as_str).chain([name]).collect::<Vec<_>>().join(".");
        let in_path = route.template.variables.iter().any(|variable| variable.field == path(field.name()));
        let in_body = above.is_empty() && matches!(&route.body, Body::Field(body) if body.number == field.number());
        let behaviours = Behaviours::of(&field);
        if in_path
            || in_body
            || field.is_map()
            || behaviours.has(Behaviour::OutputOnly)
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
        let names = above.iter().map(|name| camel(name)).chain([field.json_name().to_owned()]);
        let name = names.collect::<Vec<_>>().join(".");
        let schema = schemas.field(&field, Way::In);
        out.push(parameter(&name, "query", behaviours.has(Behaviour::Required), schema));
    }
}

/// A parameter that says about itself what its schema says, if that says anything.
fn parameter(name: &str, place: &str, required: bool, mut schema: Value) -> Value {
    let description = schema.as_object_mut().and_then(|schema| schema.remove("description"));
    let mut parameter = json!({"name": name, "in": place, "required": required, "schema": schema});
    if let Some(description) = description {
        parameter["description"] = description;
    }
    parameter
}

fn descend(message: &MessageDescriptor, path: &str) -> Option<FieldDescriptor> {
    let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
    let field = message.get_field_by_name(name)?;
    match rest {
        None => Some(field),
        Some(rest) => descend(field.kind().as_message()?, rest),
    }
}
