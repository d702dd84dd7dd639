//! A JSON document whose members stay in the order in which they were written.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, SeqAccess, Visitor},
};
use serde_json::Value;

/// What JSON can say.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Document {
    Object(Vec<(String, Document)>),
    List(Vec<Document>),
    /// A text, a number, a truth or nothing.
    Scalar(Value),
}

impl Document {
    /// Reads a text. What is no JSON is a text itself.
    pub(super) fn read(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_else(|_| Self::Scalar(text.into()))
    }
}

impl fmt::Display for Document {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Object(members) if members.is_empty() => out.write_str("{}"),
            Self::Object(members) => {
                for (place, (name, value)) in members.iter().enumerate() {
                    write!(out, "{}\"{name}\": {value}", if place == 0 { "{ " } else { ", " })?;
                }
                out.write_str(" }")
            }
            Self::List(items) => {
                out.write_str("[")?;
                for (place, item) in items.iter().enumerate() {
                    write!(out, "{}{item}", if place == 0 { "" } else { ", " })?;
                }
                out.write_str("]")
            }
            Self::Scalar(value) => value.fmt(out),
        }
    }
}

impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Document;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Document, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Document::Object(members))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Document, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(Document::List(items))
    }

    fn visit_str<E>(self, text: &str) -> Result<Document, E> {
        Ok(Document::Scalar(text.into()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Document, E> {
        Ok(Document::Scalar(number.into()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Document, E> {
        Ok(Document::Scalar(number.into()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Document, E> {
        Ok(Document::Scalar(number.into()))
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Document, E> {
        Ok(Document::Scalar(truth.into()))
    }

    fn visit_unit<E>(self) -> Result<Document, E> {
        Ok(Document::Scalar(Value::Null))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_stay_where_they_were() {
        let text = r#"{ "b": 1, "a": [true, null, -2, 0.5, {}], "c": { "z": "text", "y": [] } }"#;
        assert_eq!(Document::read(text).to_string(), text);
        assert_eq!(Document::read("not JSON").to_string(), r#""not JSON""#);
    }
}
