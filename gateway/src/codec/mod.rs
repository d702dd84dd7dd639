//! Protobuf messages between wire bytes and canonical JSON, without reflection while requests run.
//!
//! [`Plans`] holds what the descriptors say, laid out for speed and built once. [`print`] reads wire bytes in one pass and writes JSON;
//! [`parse`] reads JSON in one pass and writes wire bytes. Nothing is decoded into values in between, which is what makes this several
//! times as fast as a dynamic message; a property test holds both against one. Two facts of the wire format do the rest: absent fields cost
//! nothing, and messages merge by concatenation, so a request's body, path, query and headers are simply written one after the other.
//!
//! JSON is protobuf's canonical mapping (ProtoJSON). Where that leaves a choice: 64-bit integers are strings, enums are names, scalars
//! without presence, lists and maps are always printed, and absent messages, `optional` fields and oneofs never are. Fields that are
//! INPUT_ONLY are not printed, and OUTPUT_ONLY ones are ignored when a client sends them.

mod behaviour;
mod dynamic;
mod expect;
mod kind;
mod normal;
mod numbers;
#[cfg(test)]
mod oracle;
pub(crate) mod parse;
mod plan;
mod print;
mod required;
mod special;
mod text;
mod wire;

pub(crate) use self::{
    behaviour::{Behaviour, Behaviours},
    kind::{Kind, MessageId},
    parse::{MOST, Parsed, Violation},
    plan::{Field, Message, Plans, Shape, Special},
    required::missing,
    special::camel,
    text::write as write_text,
    wire::{Cursor, Malformed, Wire, last_bytes, nested, put_bytes, put_tag, put_varint},
};
