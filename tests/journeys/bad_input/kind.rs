//! What a field may hold, by its JSON schema. `gateway/tests/it/openapi.rs` shows how the gateway writes each of them.

use serde_json::{Value, json};

/// A property of a body or a parameter of a query.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) required: bool,
}

/// What a field may hold.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    Text,
    /// Base64.
    Bytes,
    /// A number of 64 bits, which JSON writes as a text.
    Long {
        signed: bool,
    },
    /// A number of 32 bits.
    Integer {
        signed: bool,
    },
    Number,
    Flag,
    /// One of several names.
    Choice(Vec<String>),
    Time,
    Duration,
    List(Box<Kind>),
    /// An object whose members are all of one kind.
    Map(Box<Kind>),
    Object(Vec<Field>),
    /// An object of any members, or one that is too deep to be looked into.
    Free,
    /// An object that names its type.
    Any,
    Null,
    /// Any JSON.
    Anything,
}

/// How deep messages are looked into.
const DEPTH: usize = 3;

/// The properties of an object.
pub(super) fn fields(document: &Value, schema: &Value, depth: usize) -> Vec<Field> {
    let required = names(&schema["required"]);
    let properties = schema["properties"].as_object().into_iter().flatten();
    properties
        .map(|(name, schema)| Field {
            name: name.clone(),
            kind: kind(document, schema, depth + 1),
            required: required.contains(name),
        })
        .collect()
}

/// What a value of this schema may be.
pub(super) fn kind(document: &Value, schema: &Value, depth: usize) -> Kind {
    let schema = resolve(document, schema);
    let Some(name) = schema["type"].as_str() else {
        return Kind::Anything;
    };
    match (name, schema["format"].as_str().unwrap_or_default()) {
        ("object", _) if schema["additionalProperties"].is_object() => {
            Kind::Map(Box::new(kind(document, &schema["additionalProperties"], depth)))
        }
        ("object", _) if schema["properties"]["@type"].is_object() => Kind::Any,
        ("object", _) if depth > DEPTH || !schema["properties"].is_object() => Kind::Free,
        ("object", _) => Kind::Object(fields(document, schema, depth)),
        ("array", _) => Kind::List(Box::new(kind(document, &schema["items"], depth))),
        ("boolean", _) => Kind::Flag,
        ("integer", _) => Kind::Integer {
            signed: schema["minimum"].as_i64() != Some(0),
        },
        ("number", _) => Kind::Number,
        ("null", _) => Kind::Null,
        ("string", "int64") => Kind::Long { signed: true },
        ("string", "uint64") => Kind::Long { signed: false },
        ("string", "date-time") => Kind::Time,
        ("string", _) if schema["enum"].is_array() => Kind::Choice(names(&schema["enum"])),
        ("string", _) if schema["contentEncoding"] == "base64" => Kind::Bytes,
        ("string", _) if schema["pattern"].as_str().is_some_and(|pattern| pattern.ends_with("s$")) => Kind::Duration,
        ("string", _) => Kind::Text,
        other => panic!("nobody knows what a {other:?} is: {schema}"),
    }
}

/// What a schema refers to, or the schema itself.
pub(super) fn resolve<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    schema["$ref"]
        .as_str()
        .map_or(schema, |reference| document.pointer(reference.trim_start_matches('#')).unwrap())
}

/// A list of texts.
pub(super) fn names(list: &Value) -> Vec<String> {
    list.as_array()
        .into_iter()
        .flatten()
        .filter_map(|name| name.as_str().map(str::to_owned))
        .collect()
}

#[test]
fn every_schema_that_the_gateway_writes_is_known() {
    let document = json!({ "components": { "schemas": {
        "Mood": { "type": "string", "enum": ["MOOD_UNSPECIFIED", "MOOD_GOOD"] },
        "Node": { "type": "object", "properties": { "next": { "$ref": "#/components/schemas/Node" } } },
    } } });
    let seconds = "^-?[0-9]+(\\.[0-9]{1,9})?s$";
    for (schema, known) in [
        (json!({ "type": "string" }), Kind::Text),
        (json!({ "type": "string", "contentEncoding": "base64" }), Kind::Bytes),
        (
            json!({ "type": "string", "format": "int64", "pattern": "^-?[0-9]+$" }),
            Kind::Long { signed: true },
        ),
        (
            json!({ "type": "string", "format": "uint64", "pattern": "^[0-9]+$" }),
            Kind::Long { signed: false },
        ),
        (json!({ "type": "integer", "format": "int32" }), Kind::Integer { signed: true }),
        (
            json!({ "type": "integer", "format": "int64", "minimum": 0, "maximum": u32::MAX }),
            Kind::Integer { signed: false },
        ),
        (json!({ "type": "number", "format": "double" }), Kind::Number),
        (json!({ "type": "boolean" }), Kind::Flag),
        (json!({ "type": "string", "format": "date-time" }), Kind::Time),
        (json!({ "type": "string", "pattern": seconds }), Kind::Duration),
        (json!({ "type": "object", "additionalProperties": true }), Kind::Free),
        (json!({ "type": "object", "properties": {} }), Kind::Object(Vec::new())),
        (
            json!({ "type": "object", "additionalProperties": { "type": "boolean" } }),
            Kind::Map(Kind::Flag.into()),
        ),
        (
            json!({ "type": "object", "properties": { "@type": { "type": "string" } } }),
            Kind::Any,
        ),
        (json!({ "type": "array", "items": {} }), Kind::List(Kind::Anything.into())),
        (json!({ "type": "null" }), Kind::Null),
        (json!({}), Kind::Anything),
        (
            json!({ "$ref": "#/components/schemas/Mood" }),
            Kind::Choice(vec!["MOOD_UNSPECIFIED".to_owned(), "MOOD_GOOD".to_owned()]),
        ),
    ] {
        assert_eq!(kind(&document, &schema, 0), known, "{schema}");
    }
    let mut node = kind(&document, &json!({ "$ref": "#/components/schemas/Node" }), 0);
    for _ in 0..=DEPTH {
        let Kind::Object(fields) = &node else { panic!("{node:?}") };
        node = fields[0].kind.clone();
    }
    assert_eq!(node, Kind::Free, "a message that holds itself comes to an end");
}
