//! As much of JSON Schema (2020-12) as the gateway's document uses, and no more: whatever else a schema says is refused.

use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex},
};

use regex::Regex;
use serde_json::Value;

use super::Document;

/// What says nothing that a value could be held against.
const WORDS: [&str; 3] = ["description", "examples", "contentMediaType"];

/// What is looked at.
const LOOKED_AT: [&str; 12] = [
    "$ref",
    "additionalProperties",
    "anyOf",
    "contentEncoding",
    "enum",
    "format",
    "items",
    "maximum",
    "minLength",
    "minimum",
    "pattern",
    "type",
];

/// Looks for schemas of the document that say what is not looked at.
pub(super) fn must_be_known(value: &Value) {
    match value {
        Value::Object(members) => {
            for (name, inner) in members {
                match (name.as_str(), inner) {
                    ("schema", schema) => must_be_a_schema(schema),
                    ("schemas", Value::Object(schemas)) => schemas.values().for_each(must_be_a_schema),
                    _ => must_be_known(inner),
                }
            }
        }
        Value::Array(values) => values.iter().for_each(must_be_known),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn must_be_a_schema(schema: &Value) {
    let Some(members) = schema.as_object() else {
        assert!(schema.is_boolean(), "{schema} is no schema");
        return;
    };
    for (name, inner) in members {
        match (name.as_str(), inner) {
            ("properties", Value::Object(properties)) => properties.values().for_each(must_be_a_schema),
            ("required", _) => {}
            ("items" | "additionalProperties", inner) => must_be_a_schema(inner),
            ("anyOf", Value::Array(schemas)) => schemas.iter().for_each(must_be_a_schema),
            (name, _) => assert!(
                LOOKED_AT.contains(&name) || WORDS.contains(&name),
                "nobody looks at {name}, which {schema} says"
            ),
        }
    }
}

/// Adds what about a value is not as its schema says. A member that the schema does not know is a fault, too.
pub(super) fn validate(document: &Document, schema: &Value, value: &Value, place: &str, faults: &mut Vec<String>) {
    if schema["$ref"].is_string() {
        return validate(document, document.resolve(schema), value, place, faults);
    }
    if let Some(kind) = schema["type"].as_str()
        && !is(kind, value)
    {
        faults.push(format!("{place} is no {kind}: {value}"));
        return;
    }
    if let Some(names) = schema["enum"].as_array()
        && !names.contains(value)
    {
        faults.push(format!("{place} is none of its names: {value}"));
    }
    if let Some(schemas) = schema["anyOf"].as_array() {
        let fits = schemas.iter().any(|one| {
            let mut wrong = Vec::new();
            validate(document, one, value, place, &mut wrong);
            wrong.is_empty()
        });
        if !fits {
            faults.push(format!("{place} fits nothing that it may be: {value}"));
        }
    }
    match value {
        Value::Object(members) => object(document, schema, members, place, faults),
        Value::Array(values) => {
            for (at, value) in values.iter().enumerate() {
                validate(document, &schema["items"], value, &format!("{place}[{at}]"), faults);
            }
        }
        Value::String(text) => faults.extend(wrong_text(schema, text).map(|wrong| format!("{place} {wrong}: {value}"))),
        Value::Number(number) => {
            let beyond = |bound: &str, less: bool| {
                let (bound, number) = (schema[bound].as_f64()?, number.as_f64()?);
                (if less { number < bound } else { number > bound }).then_some(bound)
            };
            faults.extend(beyond("minimum", true).map(|bound| format!("{place} is less than {bound}: {value}")));
            faults.extend(beyond("maximum", false).map(|bound| format!("{place} is more than {bound}: {value}")));
        }
        Value::Null | Value::Bool(_) => {}
    }
}

fn object(document: &Document, schema: &Value, members: &serde_json::Map<String, Value>, place: &str, faults: &mut Vec<String>) {
    let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    faults.extend(
        required
            .filter(|name| !members.contains_key(*name))
            .map(|name| format!("{place} lacks {name}")),
    );
    let anything = schema.as_object().is_some_and(serde_json::Map::is_empty);
    for (name, value) in members {
        match (schema["properties"].get(name), &schema["additionalProperties"]) {
            (Some(inner), _) | (None, inner @ Value::Object(_)) => validate(document, inner, value, &format!("{place}.{name}"), faults),
            (None, Value::Bool(true)) => {}
            (None, _) if anything => {}
            (None, _) => faults.push(format!("{place} has {name}, which is not described")),
        }
    }
}

fn is(kind: &str, value: &Value) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "null" => value.is_null(),
        other => panic!("nobody knows what a {other} is"),
    }
}

fn wrong_text(schema: &Value, text: &str) -> Option<String> {
    let pattern = schema["pattern"].as_str();
    if let Some(pattern) = pattern.filter(|pattern| !matches(pattern, text)) {
        return Some(format!("is not {pattern}"));
    }
    if schema["minLength"]
        .as_u64()
        .is_some_and(|least| (text.chars().count() as u64) < least)
    {
        return Some("is too short".to_owned());
    }
    let format = match (schema["format"].as_str(), schema["contentEncoding"].as_str()) {
        (Some("date-time"), _) => r"^[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9](\.[0-9]{3}|\.[0-9]{6}|\.[0-9]{9})?Z$",
        (Some("uri"), _) => "^https://[^ ]+$",
        (Some("int64"), _) => return text.parse::<i64>().is_err().then(|| "is no int64".to_owned()),
        (Some("uint64"), _) => return text.parse::<u64>().is_err().then(|| "is no uint64".to_owned()),
        (Some(other), _) => panic!("nobody knows what {other} looks like"),
        (None, Some("base64")) => "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$",
        (None, Some(other)) => panic!("nobody knows how {other} is encoded"),
        (None, None) => return None,
    };
    (!matches(format, text)).then(|| format!("is not {format}"))
}

fn matches(pattern: &str, text: &str) -> bool {
    /// There are few, and each is looked for thousands of times.
    static KNOWN: LazyLock<Mutex<HashMap<String, Regex>>> = LazyLock::new(Mutex::default);
    let mut known = KNOWN.lock().unwrap();
    let regex = known.entry(pattern.to_owned()).or_insert_with(|| Regex::new(pattern).unwrap());
    regex.is_match(text)
}
