//! What the descriptors say about messages, laid out so that no name is looked up and no option is read while requests run.

use std::{collections::HashMap, sync::Arc};

use prost_reflect::{DescriptorPool, FieldDescriptor, MessageDescriptor};

use super::{
    behaviour::{Behaviour, Behaviours},
    kind::{Enum, EnumId, Ids, Kind, MessageId},
    wire::Wire,
};

/// All messages and enums of a descriptor pool.
#[derive(Debug)]
pub(crate) struct Plans {
    messages: Vec<Message>,
    enums: Vec<Enum>,
    by_name: HashMap<Box<str>, MessageId>,
}

/// One message.
#[derive(Debug)]
pub(crate) struct Message {
    /// Such as `tradewind.order.v1.Order`.
    pub(crate) name: Box<str>,
    /// How JSON shows it.
    pub(crate) special: Special,
    /// By ascending number.
    pub(crate) fields: Vec<Arc<Field>>,
    /// A field that holds one of it, for where it stands alone.
    pub(crate) lone: Field,
    /// Whether a field in it, or in what it holds, is REQUIRED.
    pub(crate) demands: bool,
}

/// How JSON shows a message: nearly all are plain objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Special {
    Plain,
    Timestamp,
    Duration,
    FieldMask,
    /// Stands for its one field.
    Wrapper,
    Struct,
    Value,
    ListValue,
    Any,
}

/// One field.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) number: u32,
    /// As the proto writes it.
    pub(crate) name: Box<str>,
    /// As JSON writes it.
    pub(crate) json: Box<str>,
    /// `"json":`, ready to be printed.
    pub(crate) key: Box<[u8]>,
    pub(crate) kind: Kind,
    pub(crate) shape: Shape,
    /// Whether an absent value differs from a default one.
    pub(crate) presence: bool,
    /// Which of its message's oneofs it belongs to.
    pub(crate) oneof: Option<u8>,
    pub(crate) required: bool,
    /// What is missing in it is the service's to tell, whatever is REQUIRED there.
    pub(crate) optional: bool,
    pub(crate) output_only: bool,
    pub(crate) input_only: bool,
    /// Set when the resource is made and never again (AIP-203).
    pub(crate) immutable: bool,
}

/// How many values a field has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    One,
    List,
    /// A list of entries, messages of a key (1) and a value (2).
    Map,
}

impl Plans {
    /// Lays out every message of a pool.
    pub(crate) fn of(pool: &DescriptorPool) -> Self {
        let enums: Vec<_> = pool.all_enums().collect();
        let messages: Vec<_> = pool.all_messages().collect();
        let ids = Ids {
            messages: messages
                .iter()
                .enumerate()
                .map(|(at, one)| (one.full_name().to_owned(), MessageId(at)))
                .collect(),
            enums: enums
                .iter()
                .enumerate()
                .map(|(at, one)| (one.full_name().to_owned(), EnumId(at)))
                .collect(),
        };
        let mut plans = Self {
            messages: messages.iter().map(|message| Message::of(message, &ids)).collect(),
            enums: enums.iter().map(Enum::of).collect(),
            by_name: ids.messages.into_iter().map(|(name, id)| (name.into(), id)).collect(),
        };
        plans.spread_demands();
        plans
    }

    /// The message of this full name.
    pub(crate) fn find(&self, full_name: &str) -> Option<MessageId> {
        self.by_name.get(full_name).copied()
    }

    pub(crate) fn message(&self, id: MessageId) -> &Message {
        &self.messages[id.0]
    }

    pub(crate) fn enumeration(&self, id: EnumId) -> &Enum {
        &self.enums[id.0]
    }

    /// The message that a field's values are, if they are messages.
    pub(crate) fn message_of(&self, field: &Field) -> Option<&Message> {
        match field.kind {
            Kind::Message(id) => Some(self.message(id)),
            _ => None,
        }
    }

    /// The one field of the wrapper that a field's values are, if they are wrappers.
    pub(crate) fn wrapped(&self, field: &Field) -> Option<&Field> {
        let wrapper = self.message_of(field).filter(|message| message.special == Special::Wrapper)?;
        wrapper.fields.first().map(|inner| &**inner)
    }

    /// A message demands what the messages in it demand, however deep: repeated until nothing is added.
    fn spread_demands(&mut self) {
        loop {
            let inherits = |message: &Message| {
                !message.demands
                    && message
                        .fields
                        .iter()
                        .any(|field| self.message_of(field).is_some_and(|inner| inner.demands))
            };
            let found: Vec<_> = (0..self.messages.len()).filter(|&at| inherits(&self.messages[at])).collect();
            if found.is_empty() {
                return;
            }
            for at in found {
                self.messages[at].demands = true;
            }
        }
    }
}

impl Message {
    fn of(message: &MessageDescriptor, ids: &Ids) -> Self {
        let mut fields: Vec<_> = message.fields().map(|field| Arc::new(Field::of(&field, ids))).collect();
        fields.sort_by_key(|field| field.number);
        Self {
            name: message.full_name().into(),
            special: Special::of(message.full_name()),
            demands: fields.iter().any(|field| field.required),
            fields,
            lone: Field::holding(ids.messages[message.full_name()]),
        }
    }

    /// The field that JSON or the proto calls so, and its place. Fields mostly come in order, so the search starts at a `hint`.
    pub(crate) fn field(&self, name: &str, hint: usize) -> Option<(usize, &Arc<Field>)> {
        let (before, after) = self.fields.split_at(hint.min(self.fields.len()));
        let start = before.len();
        let mut candidates = (start..).zip(after).chain((0..).zip(before));
        candidates.find(|(_, field)| *field.json == *name || *field.name == *name)
    }

    /// The field of this number.
    pub(crate) fn numbered(&self, number: u32) -> Option<&Arc<Field>> {
        let at = self.fields.binary_search_by_key(&number, |field| field.number).ok()?;
        self.fields.get(at)
    }

    /// The field that the proto calls so, if it is a single value.
    pub(crate) fn single(&self, name: &str) -> Option<&Arc<Field>> {
        self.fields.iter().find(|field| *field.name == *name && field.shape == Shape::One)
    }
}

impl Special {
    fn of(full_name: &str) -> Self {
        match full_name.strip_prefix("google.protobuf.") {
            Some("Timestamp") => Self::Timestamp,
            Some("Duration") => Self::Duration,
            Some("FieldMask") => Self::FieldMask,
            Some("Struct") => Self::Struct,
            Some("Value") => Self::Value,
            Some("ListValue") => Self::ListValue,
            Some("Any") => Self::Any,
            Some(
                "DoubleValue" | "FloatValue" | "Int64Value" | "UInt64Value" | "Int32Value" | "UInt32Value" | "BoolValue" | "StringValue"
                | "BytesValue",
            ) => Self::Wrapper,
            _ => Self::Plain,
        }
    }
}

impl Field {
    fn of(field: &FieldDescriptor, ids: &Ids) -> Self {
        let behaviours = Behaviours::of(field);
        Self {
            number: field.number(),
            name: field.name().into(),
            json: field.json_name().into(),
            key: format!("\"{}\":", field.json_name()).into_bytes().into(),
            kind: Kind::of(&field.kind(), ids),
            shape: match (field.is_map(), field.is_list()) {
                (true, _) => Shape::Map,
                (_, true) => Shape::List,
                _ => Shape::One,
            },
            presence: field.supports_presence(),
            oneof: field
                .containing_oneof()
                .filter(|oneof| !oneof.is_synthetic())
                .and_then(|oneof| oneof.path().last().and_then(|&index| u8::try_from(index).ok())),
            required: behaviours.has(Behaviour::Required),
            optional: behaviours.has(Behaviour::Optional),
            output_only: behaviours.has(Behaviour::OutputOnly),
            input_only: behaviours.has(Behaviour::InputOnly),
            immutable: behaviours.has(Behaviour::Immutable),
        }
    }

    fn holding(message: MessageId) -> Self {
        Self {
            number: 1,
            name: "value".into(),
            json: "value".into(),
            key: b"\"value\":"[..].into(),
            kind: Kind::Message(message),
            shape: Shape::One,
            presence: true,
            oneof: None,
            required: false,
            optional: false,
            output_only: false,
            input_only: false,
            immutable: false,
        }
    }

    /// How one value lies on the wire.
    pub(crate) fn wire(&self) -> Wire {
        self.kind.wire()
    }
}
