//! The OpenAPI document, as far as it says what may be sent.

use reqwest::Method;
use serde_json::Value;

/// One operation of the document.
pub(super) struct Operation {
    pub(super) method: Method,
    /// With its variables in braces.
    pub(super) path: String,
    pub(super) signed_in: bool,
    pub(super) query: Vec<Field>,
    pub(super) body: Option<Body>,
}

/// What an operation takes.
pub(super) enum Body {
    Json { fields: Vec<Field>, required: Vec<String> },
    Bytes,
}

/// A property of the body or a parameter of the query.
#[derive(Clone)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) kind: Kind,
}

/// What a field may hold.
#[derive(Clone)]
pub(super) enum Kind {
    Text,
    /// A 64-bit number, which JSON writes as a text.
    Long,
    Integer,
    Number,
    Flag,
    List(Box<Kind>),
    Object(Vec<Field>),
    /// One of several names.
    Choice,
    Time,
    Duration,
}

/// Every operation of the document.
pub(super) fn operations(document: &Value) -> Vec<Operation> {
    let mut operations = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let query = parameters.filter(|parameter| parameter["in"] == "query");
            let content = &operation["requestBody"]["content"];
            let body = if content["application/json"].is_object() {
                let schema = resolve(document, &content["application/json"]["schema"]);
                Some(Body::Json {
                    fields: fields(document, schema, 0),
                    required: names(&schema["required"]),
                })
            } else {
                content.is_object().then_some(Body::Bytes)
            };
            operations.push(Operation {
                method: method.to_uppercase().parse().unwrap(),
                path: path.clone(),
                signed_in: operation["security"].as_array().is_none_or(|security| !security.is_empty()),
                query: query
                    .map(|parameter| Field {
                        name: parameter["name"].as_str().unwrap().to_owned(),
                        kind: kind(document, &parameter["schema"], 0),
                    })
                    .collect(),
                body,
            });
        }
    }
    operations
}

fn fields(document: &Value, schema: &Value, depth: usize) -> Vec<Field> {
    let properties = schema["properties"].as_object().into_iter().flatten();
    // What only the service writes is ignored in what clients send (AIP-203).
    properties
        .filter(|(_, schema)| schema["readOnly"] != true)
        .map(|(name, schema)| Field {
            name: name.clone(),
            kind: kind(document, schema, depth + 1),
        })
        .collect()
}

fn kind(document: &Value, schema: &Value, depth: usize) -> Kind {
    let schema = resolve(document, schema);
    match (
        schema["type"].as_str().unwrap_or_default(),
        schema["format"].as_str().unwrap_or_default(),
    ) {
        ("object", _) if depth > 3 => Kind::Object(Vec::new()),
        ("object", _) => Kind::Object(fields(document, schema, depth)),
        ("array", _) => Kind::List(Box::new(kind(document, &schema["items"], depth))),
        ("boolean", _) => Kind::Flag,
        ("integer", _) => Kind::Integer,
        ("number", _) => Kind::Number,
        ("string", "int64") => Kind::Long,
        ("string", "date-time") => Kind::Time,
        ("string", _) if schema["enum"].is_array() => Kind::Choice,
        ("string", _) if schema["pattern"].is_string() => Kind::Duration,
        ("string", _) => Kind::Text,
        other => panic!("nobody knows what a {other:?} is: {schema}"),
    }
}

fn resolve<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    schema["$ref"]
        .as_str()
        .map_or(schema, |reference| document.pointer(reference.trim_start_matches('#')).unwrap())
}

fn names(list: &Value) -> Vec<String> {
    list.as_array()
        .into_iter()
        .flatten()
        .filter_map(|name| name.as_str().map(str::to_owned))
        .collect()
}
