//! JSON schemas of messages, as the codec reads and prints them.

use std::collections::BTreeSet;

use prost_reflect::{EnumDescriptor, FieldDescriptor, Kind, MessageDescriptor};
use serde_json::{Map, Value, json};

use super::comments::Comments;
use crate::codec::{Behaviour, Behaviours};

/// The schemas that the document refers to, made as they are asked for.
pub(crate) struct Schemas<'c> {
    comments: &'c Comments,
    done: Map<String, Value>,
    names: BTreeSet<String>,
}

impl<'c> Schemas<'c> {
    pub(crate) fn new(comments: &'c Comments) -> Self {
        Self {
            comments,
            done: Map::new(),
            names: BTreeSet::new(),
        }
    }

    pub(crate) fn finish(mut self) -> Map<String, Value> {
        self.done.insert("Problem".to_owned(), problem());
        self.done
    }

    /// A reference to a message's schema, or the schema itself where JSON does not show the message as an object.
    pub(crate) fn message(&mut self, message: &MessageDescriptor) -> Value {
        if let Some(schema) = self.special(message) {
            return schema;
        }
        let name = name(message.full_name());
        // A message may hold itself, so its name is known before its schema is.
        if self.names.insert(name.clone()) {
            let schema = self.object(message, &[]);
            self.done.insert(name.clone(), schema);
        }
        json!({"$ref": format!("#/components/schemas/{name}")})
    }

    /// The schema of a message without some of its fields.
    pub(crate) fn object(&mut self, message: &MessageDescriptor, without: &[u32]) -> Value {
        let mut properties = Map::new();
        let mut required = Vec::new();
        for field in message.fields().filter(|field| !without.contains(&field.number())) {
            if Behaviours::of(&field).has(Behaviour::Required) {
                required.push(field.json_name().to_owned());
            }
            properties.insert(field.json_name().to_owned(), self.field(&field));
        }
        let mut schema = json!({"type": "object", "properties": properties});
        describe(&mut schema, self.comments.of_message(message));
        if !required.is_empty() {
            schema["required"] = json!(required);
        }
        schema
    }

    /// The schema of a field.
    pub(crate) fn field(&mut self, field: &FieldDescriptor) -> Value {
        let mut schema = if field.is_map() {
            let kind = field.kind();
            let value = kind.as_message().map(|entry| self.kind(&entry.map_entry_value_field().kind()));
            json!({"type": "object", "additionalProperties": value})
        } else if field.is_list() {
            json!({"type": "array", "items": self.kind(&field.kind())})
        } else {
            self.kind(&field.kind())
        };
        describe(&mut schema, self.comments.of_field(field));
        let behaviours = Behaviours::of(field);
        for (behaviour, word) in [(Behaviour::OutputOnly, "readOnly"), (Behaviour::InputOnly, "writeOnly")] {
            if behaviours.has(behaviour) {
                schema[word] = true.into();
            }
        }
        schema
    }

    fn kind(&mut self, kind: &Kind) -> Value {
        match kind {
            Kind::Double => json!({"type": "number", "format": "double"}),
            Kind::Float => json!({"type": "number", "format": "float"}),
            Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => json!({"type": "integer", "format": "int32"}),
            Kind::Uint32 | Kind::Fixed32 => json!({"type": "integer", "format": "int64", "minimum": 0, "maximum": u32::MAX}),
            Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => json!({"type": "string", "format": "int64", "pattern": "^-?[0-9]+$"}),
            Kind::Uint64 | Kind::Fixed64 => json!({"type": "string", "format": "uint64", "pattern": "^[0-9]+$"}),
            Kind::Bool => json!({"type": "boolean"}),
            Kind::String => json!({"type": "string"}),
            Kind::Bytes => json!({"type": "string", "contentEncoding": "base64"}),
            Kind::Enum(described) => self.enumeration(described),
            Kind::Message(message) => self.message(message),
        }
    }

    fn enumeration(&mut self, described: &EnumDescriptor) -> Value {
        if described.full_name() == "google.protobuf.NullValue" {
            return json!({"type": "null"});
        }
        let name = name(described.full_name());
        if self.names.insert(name.clone()) {
            let names: Vec<_> = described.values().map(|value| value.name().to_owned()).collect();
            let mut schema = json!({"type": "string", "enum": names});
            describe(&mut schema, self.comments.of_enum(described));
            self.done.insert(name.clone(), schema);
        }
        json!({"$ref": format!("#/components/schemas/{name}")})
    }

    fn special(&mut self, message: &MessageDescriptor) -> Option<Value> {
        Some(match message.full_name() {
            "google.protobuf.Timestamp" => json!({"type": "string", "format": "date-time"}),
            "google.protobuf.Duration" => json!({"type": "string", "pattern": "^-?[0-9]+(\\.[0-9]{1,9})?s$", "examples": ["1.5s"]}),
            "google.protobuf.FieldMask" => json!({"type": "string", "description": "Field paths, separated by commas."}),
            "google.protobuf.Struct" => json!({"type": "object"}),
            "google.protobuf.Value" => json!({}),
            "google.protobuf.ListValue" => json!({"type": "array", "items": {}}),
            "google.protobuf.Any" => json!({"type": "object", "properties": {"@type": {"type": "string"}}, "required": ["@type"]}),
            "google.api.HttpBody" => json!({"type": "string", "contentMediaType": "application/octet-stream"}),
            name if name.starts_with("google.protobuf.") && name.ends_with("Value") => self.kind(&message.get_field(1)?.kind()),
            _ => return None,
        })
    }
}

/// `order.v1.Order` of `tradewind.order.v1.Order`.
fn name(full_name: &str) -> String {
    full_name.strip_prefix("tradewind.").unwrap_or(full_name).to_owned()
}

/// Adds a description; beside a reference too, which OpenAPI 3.1 allows.
fn describe(schema: &mut Value, comment: &str) {
    if !comment.is_empty() {
        schema["description"] = comment.into();
    }
}

fn problem() -> Value {
    json!({
        "type": "object",
        "description": "Why a request was not carried out (RFC 9457).",
        "required": ["type", "title", "status", "detail", "instance", "reason"],
        "properties": {
            "type": {"type": "string", "format": "uri", "description": "Names the kind of problem for good.", "examples": [format!("{}order/out-of-stock", crate::answer::TYPES)]},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string", "description": "What happened, for people."},
            "instance": {"type": "string", "description": "The request's id, which our logs know it by."},
            "reason": {"type": "string", "description": "A constant for programs.", "examples": ["OUT_OF_STOCK"]},
            "violations": {
                "type": "array",
                "description": "Every field that is not what it should be.",
                "items": {"type": "object", "required": ["field", "description"], "properties": {"field": {"type": "string"}, "description": {"type": "string"}}},
            },
            "metadata": {"type": "object", "description": "Facts for programs, such as current_version.", "additionalProperties": {"type": "string"}},
        },
    })
}
