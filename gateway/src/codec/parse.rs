//! From JSON to wire bytes, in one pass over the text.
//!
//! serde_json reads; what it finds is written as wire bytes at once. Every field that is not what it should be is noted and passed over, so
//! that a client hears of all of them together. Only text that is no JSON at all ends the reading.

use serde::de::DeserializeSeed;

use super::{
    expect::{Expect, What},
    kind::MessageId,
    plan::{Field, Plans, Special},
    text::{Wrong, shortened},
    wire::Cursor,
};

/// No more fields than this are named; whoever sends more bad ones does not mean to mend them.
pub(crate) const MOST: usize = 100;

/// A field that is not what it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Violation {
    /// Its path as JSON writes it, such as `lines[2].unitPrice`.
    pub(crate) field: String,
    /// Such as `must be a string`.
    pub(crate) description: String,
}

/// What a body says.
#[derive(Debug, Default)]
pub(crate) struct Parsed {
    pub(crate) violations: Vec<Violation>,
    /// The paths of all that the body sets, as a field mask names them.
    pub(crate) mask: Vec<String>,
}

impl Plans {
    /// Writes the fields of a JSON object behind `out`.
    ///
    /// # Errors
    /// Text that is no JSON.
    pub(crate) fn parse(&self, message: MessageId, body: &[u8], out: &mut Vec<u8>) -> Result<Parsed, serde_json::Error> {
        self.read(What::Object(self.message(message)), body, out)
    }

    /// Writes one field, whose value is the JSON text, behind `out`. Paths begin inside of that field.
    ///
    /// # Errors
    /// Text that is no JSON.
    pub(crate) fn parse_field(&self, field: &Field, body: &[u8], out: &mut Vec<u8>) -> Result<Parsed, serde_json::Error> {
        self.read(What::of(field), body, out)
    }

    fn read(&self, what: What<'_>, body: &[u8], out: &mut Vec<u8>) -> Result<Parsed, serde_json::Error> {
        let mut reader = Reader {
            plans: self,
            out,
            path: Vec::new(),
            lists: 0,
            seen: Vec::new(),
            refusals: 0,
            without_text: 0,
            parsed: Parsed::default(),
        };
        let mut json = serde_json::Deserializer::from_slice(body);
        Expect { what, reader: &mut reader }.deserialize(&mut json)?;
        let parsed = reader.parsed;
        json.end()?;
        Ok(parsed)
    }
}

/// One step down into a message.
pub(super) enum Step<'p> {
    Field(&'p Field),
    Index(usize),
    Key(String),
}

/// What was written so far, and where in the message we are.
pub(super) struct Reader<'p, 'o> {
    pub(super) plans: &'p Plans,
    pub(super) out: &'o mut Vec<u8>,
    pub(super) path: Vec<Step<'p>>,
    /// How many lists and maps we are in; a field mask does not reach into them.
    pub(super) lists: usize,
    /// Which fields the messages that we are in have had, one after the other.
    pub(super) seen: Vec<bool>,
    refusals: usize,
    /// In how many messages we are whose text was read into values before.
    without_text: usize,
    parsed: Parsed,
}

impl Reader<'_, '_> {
    pub(super) fn refuse(&mut self, description: impl Into<Wrong>) {
        self.refusals += 1;
        if self.refusals > MOST {
            return;
        }
        let description = description.into().into_owned();
        self.parsed.violations.push(Violation {
            field: self.place(),
            description,
        });
    }

    /// How many fields were refused so far.
    pub(super) fn refused(&self) -> usize {
        self.refusals
    }

    /// Whether what is read is the text that a client wrote, and not values that were read from it.
    pub(super) fn has_text(&self) -> bool {
        self.without_text == 0
    }

    /// Writes the content of a message, which an Any holds without a tag.
    pub(super) fn content(&mut self, message: MessageId, value: serde_json::Value) -> Result<(), serde_json::Error> {
        self.without_text += 1;
        let read = self.values(message, value);
        self.without_text -= 1;
        read
    }

    fn values(&mut self, message: MessageId, value: serde_json::Value) -> Result<(), serde_json::Error> {
        let message = self.plans.message(message);
        if message.special == Special::Plain {
            return Expect {
                what: What::Object(message),
                reader: self,
            }
            .deserialize(value);
        }
        let before = std::mem::take(self.out);
        let read = Expect {
            what: What::Value(&message.lone),
            reader: self,
        }
        .deserialize(value);
        let written = std::mem::replace(self.out, before);
        let mut field = Cursor::new(&written);
        if let (Ok(Some(_)), Ok(content)) = (field.tag(), field.bytes()) {
            self.out.extend_from_slice(content);
        }
        read
    }

    fn place(&self) -> String {
        let mut place = String::new();
        for step in &self.path {
            match step {
                Step::Index(index) => place.push_str(&format!("[{index}]")),
                Step::Field(_) | Step::Key(_) => {
                    if !place.is_empty() {
                        place.push('.');
                    }
                    place.push_str(if let Step::Field(field) = step { &field.json } else { "" });
                    place.push_str(if let Step::Key(key) = step { shortened(key) } else { "" });
                }
            }
        }
        place
    }

    /// Notes that the field at this place was set, for the field mask. What never changes is no change: it is only said again.
    pub(super) fn set(&mut self) {
        let fixed = self.path.iter().any(|step| matches!(step, Step::Field(field) if field.immutable));
        if self.lists == 0 && !self.path.is_empty() && !fixed {
            let names = self.path.iter().filter_map(|step| match step {
                Step::Field(field) => Some(&*field.name),
                Step::Index(_) | Step::Key(_) => None,
            });
            self.parsed.mask.push(names.collect::<Vec<_>>().join("."));
        }
    }
}
