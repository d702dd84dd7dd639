//! JSON schemas of messages, as the codec reads and prints them.
//!
//! What a request must have is for the protos to say (`field_behavior`); what an answer always has follows from how messages are printed.
//! So a message that stands in both has two schemas, `order.v1.QuotationLine` and `order.v1.QuotationLine-Input`, where they differ.

use std::collections::BTreeSet;

use prost_reflect::{EnumDescriptor, FieldDescriptor, Kind, MessageDescriptor};
use serde_json::{Map, Value, json};

use super::comments::Comments;
use crate::codec::{Behaviour, Behaviours};

/// Which way a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// In a request.
    In,
    /// In an answer.
    Out,
}

/// The schemas that the document refers to, made as they are asked for.
pub(crate) struct Schemas<'c> {
    comments: &'c Comments,
    /// What answers hold.
    answered: Vec<MessageDescriptor>,
    done: Map<String, Value>,
    names: BTreeSet<String>,
}

impl Way {
    /// Whether a field must be there; nothing if it never is.
    fn demands(self, field: &FieldDescriptor) -> Option<bool> {
        let behaviours = Behaviours::of(field);
        match self {
            // What only we set is ignored in what clients send.
            Self::In => (!behaviours.has(Behaviour::OutputOnly)).then(|| behaviours.has(Behaviour::Required)),
            // Only what has presence is left out, when it is absent.
            Self::Out => (!behaviours.has(Behaviour::InputOnly)).then(|| !field.supports_presence()),
        }
    }
}

impl<'c> Schemas<'c> {
    /// Schemas for a document whose operations answer with these messages.
    pub(crate) fn new(comments: &'c Comments, answers: impl Iterator<Item = MessageDescriptor>) -> Self {
        let mut answered = Vec::new();
        answers.for_each(|answer| reach(&answer, &mut answered));
        Self {
            comments,
            answered,
            done: Map::new(),
            names: BTreeSet::new(),
        }
    }

    pub(crate) fn finish(self) -> Map<String, Value> {
        self.done
    }

    /// A reference to a message's schema, or the schema itself where JSON does not show the message as an object.
    pub(crate) fn message(&mut self, message: &MessageDescriptor, way: Way) -> Value {
        if let Some(schema) = special(message) {
            return schema;
        }
        let mut name = name(message.full_name());
        if way == Way::In && self.answered.contains(message) && differs(message) {
            name.push_str("-Input");
        }
        // A message may hold itself, so its name is known before its schema is.
        if self.names.insert(name.clone()) {
            let schema = self.object(message, way, &[]);
            self.done.insert(name.clone(), schema);
        }
        reference(&name)
    }

    /// The schema of a message without some of its fields.
    pub(crate) fn object(&mut self, message: &MessageDescriptor, way: Way, without: &[u32]) -> Value {
        let mut properties = Map::new();
        let mut required = Vec::new();
        for field in message.fields().filter(|field| !without.contains(&field.number())) {
            let Some(demanded) = way.demands(&field) else { continue };
            if demanded {
                required.push(field.json_name().to_owned());
            }
            properties.insert(field.json_name().to_owned(), self.field(&field, way));
        }
        let mut schema = json!({"type": "object", "properties": properties});
        let words = [self.comments.of_message(message).to_owned(), choices(message)];
        describe(&mut schema, words.join(" ").trim());
        if !required.is_empty() {
            schema["required"] = json!(required);
        }
        schema
    }

    /// The schema of a field.
    pub(crate) fn field(&mut self, field: &FieldDescriptor, way: Way) -> Value {
        let mut schema = match values(field) {
            kind if field.is_map() => json!({"type": "object", "additionalProperties": self.kind(&kind, way)}),
            kind if field.is_list() => json!({"type": "array", "items": self.kind(&kind, way)}),
            kind => self.kind(&kind, way),
        };
        describe(&mut schema, self.comments.of_field(field));
        schema
    }

    fn kind(&mut self, kind: &Kind, way: Way) -> Value {
        match kind {
            Kind::Enum(described) => self.enumeration(described),
            Kind::Message(message) => self.message(message, way),
            scalar => self::scalar(scalar),
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
            let told = described.values().filter_map(|value| {
                let words = self.comments.of_value(&value);
                (!words.is_empty()).then(|| format!("- `{}`: {words}", value.name()))
            });
            let told: Vec<_> = std::iter::once(self.comments.of_enum(described).to_owned()).chain(told).collect();
            describe(&mut schema, told.join("\n").trim());
            self.done.insert(name.clone(), schema);
        }
        reference(&name)
    }
}

fn scalar(kind: &Kind) -> Value {
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
        Kind::Enum(_) | Kind::Message(_) => json!({}),
    }
}

/// The schema of a message that JSON does not show as an object of its fields.
fn special(message: &MessageDescriptor) -> Option<Value> {
    Some(match message.full_name() {
        "google.protobuf.Timestamp" => json!({"type": "string", "format": "date-time", "examples": ["2026-11-23T08:00:00Z"]}),
        "google.protobuf.Duration" => json!({"type": "string", "pattern": "^-?[0-9]+(\\.[0-9]{1,9})?s$", "examples": ["1.5s"]}),
        "google.protobuf.FieldMask" => json!({"type": "string", "description": "Field paths, separated by commas."}),
        "google.protobuf.Struct" => json!({"type": "object", "additionalProperties": true}),
        "google.protobuf.Value" => json!({}),
        "google.protobuf.ListValue" => json!({"type": "array", "items": {}}),
        "google.protobuf.Any" => json!({"type": "object", "properties": {"@type": {"type": "string"}}, "additionalProperties": true}),
        "google.api.HttpBody" => json!({"type": "string", "contentMediaType": "application/octet-stream"}),
        name if name.starts_with("google.protobuf.") && name.ends_with("Value") => scalar(&message.get_field(1)?.kind()),
        _ => return None,
    })
}

/// What a field's values are; those of a map, not its entries.
fn values(field: &FieldDescriptor) -> Kind {
    match field.kind() {
        Kind::Message(entry) if field.is_map() => entry.map_entry_value_field().kind(),
        kind => kind,
    }
}

/// Adds a message and all that it holds, however deep, as far as JSON shows them as objects of their fields.
fn reach(message: &MessageDescriptor, found: &mut Vec<MessageDescriptor>) {
    if special(message).is_some() || found.contains(message) {
        return;
    }
    found.push(message.clone());
    for field in message.fields() {
        if let Kind::Message(inner) = values(&field) {
            reach(&inner, found);
        }
    }
}

/// Whether a request shows a message, or something in it, in another way than an answer does.
fn differs(message: &MessageDescriptor) -> bool {
    let mut held = Vec::new();
    reach(message, &mut held);
    let mut fields = held.iter().flat_map(MessageDescriptor::fields);
    fields.any(|field| Way::In.demands(&field) != Way::Out.demands(&field))
}

/// Which fields exclude each other.
fn choices(message: &MessageDescriptor) -> String {
    let told = message.oneofs().filter(|oneof| !oneof.is_synthetic()).map(|oneof| {
        let names: Vec<_> = oneof.fields().map(|field| format!("`{}`", field.json_name())).collect();
        format!("At most one of {} is there.", names.join(", "))
    });
    told.collect::<Vec<_>>().join(" ")
}

/// `order.v1.Order` of `tradewind.order.v1.Order`.
fn name(full_name: &str) -> String {
    full_name.strip_prefix("tradewind.").unwrap_or(full_name).to_owned()
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

/// Adds a description; beside a reference too, which OpenAPI 3.1 allows.
fn describe(schema: &mut Value, comment: &str) {
    if !comment.is_empty() {
        schema["description"] = comment.into();
    }
}
