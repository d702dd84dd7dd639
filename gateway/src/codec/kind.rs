//! What a field's values are: scalars, enums or messages.

use std::collections::HashMap;

use prost_reflect::EnumDescriptor;

use super::wire::Wire;

/// What a field's values are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Double,
    Float,
    Int32,
    Int64,
    Uint32,
    Uint64,
    Sint32,
    Sint64,
    Fixed32,
    Fixed64,
    Sfixed32,
    Sfixed64,
    Bool,
    String,
    Bytes,
    Enum(EnumId),
    Message(MessageId),
}

/// A message of [`Plans`](super::Plans).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct MessageId(pub(super) usize);

/// An enum of [`Plans`](super::Plans).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EnumId(pub(super) usize);

/// The names and numbers of an enum.
#[derive(Debug)]
pub(crate) struct Enum {
    names: HashMap<Box<str>, i32>,
    numbers: HashMap<i32, Box<str>>,
    /// `google.protobuf.NullValue` is JSON's null.
    pub(crate) null: bool,
}

/// Where the messages and enums of a pool stand in their plans, by full name.
pub(super) struct Ids {
    pub(super) messages: HashMap<String, MessageId>,
    pub(super) enums: HashMap<String, EnumId>,
}

impl Kind {
    pub(super) fn of(kind: &prost_reflect::Kind, ids: &Ids) -> Self {
        use prost_reflect::Kind as Described;
        match kind {
            Described::Double => Self::Double,
            Described::Float => Self::Float,
            Described::Int32 => Self::Int32,
            Described::Int64 => Self::Int64,
            Described::Uint32 => Self::Uint32,
            Described::Uint64 => Self::Uint64,
            Described::Sint32 => Self::Sint32,
            Described::Sint64 => Self::Sint64,
            Described::Fixed32 => Self::Fixed32,
            Described::Fixed64 => Self::Fixed64,
            Described::Sfixed32 => Self::Sfixed32,
            Described::Sfixed64 => Self::Sfixed64,
            Described::Bool => Self::Bool,
            Described::String => Self::String,
            Described::Bytes => Self::Bytes,
            Described::Enum(one) => Self::Enum(ids.enums[one.full_name()]),
            Described::Message(one) => Self::Message(ids.messages[one.full_name()]),
        }
    }

    /// Whether a number stands for it in JSON, as one does for an enum's value too.
    pub(super) fn is_number(self) -> bool {
        !matches!(self, Self::Bool | Self::String | Self::Bytes | Self::Message(_))
    }

    /// How one value of it lies on the wire.
    pub(crate) fn wire(self) -> Wire {
        match self {
            Self::Double | Self::Fixed64 | Self::Sfixed64 => Wire::Fixed64,
            Self::Float | Self::Fixed32 | Self::Sfixed32 => Wire::Fixed32,
            Self::String | Self::Bytes | Self::Message(_) => Wire::Bytes,
            Self::Int32 | Self::Int64 | Self::Uint32 | Self::Uint64 | Self::Sint32 | Self::Sint64 | Self::Bool | Self::Enum(_) => {
                Wire::Varint
            }
        }
    }
}

impl Enum {
    pub(super) fn of(described: &EnumDescriptor) -> Self {
        let mut numbers = HashMap::new();
        for value in described.values() {
            // Of several names for one number, the first is printed.
            numbers.entry(value.number()).or_insert_with(|| value.name().into());
        }
        Self {
            names: described.values().map(|value| (value.name().into(), value.number())).collect(),
            numbers,
            null: described.full_name() == "google.protobuf.NullValue",
        }
    }

    pub(crate) fn number(&self, name: &str) -> Option<i32> {
        self.names.get(name).copied()
    }

    pub(crate) fn name(&self, number: i32) -> Option<&str> {
        self.numbers.get(&number).map(|name| &**name)
    }
}
