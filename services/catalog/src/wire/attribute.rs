//! Attributes.

use proto::catalog::v1::{self, attribute::Value as Wire};
use runtime::Violations;

use super::within;
use crate::domain::{Attribute, Value, attribute::FACETS};

pub(crate) fn to_proto(attribute: &Attribute) -> v1::Attribute {
    let (value, unit) = match &attribute.value {
        Value::Text(text) => (Wire::Text(text.clone()), String::new()),
        Value::Number { amount, unit } => (Wire::Number(*amount), unit.clone()),
        Value::Flag(flag) => (Wire::Flag(*flag), String::new()),
    };
    v1::Attribute {
        name: attribute.name.clone(),
        value: Some(value),
        unit,
    }
}

/// The name of an attribute or of its template. A search asks for "name:value" and for facets by name, so that a name has no colon and is
/// none of what facets are called that every product has.
pub(crate) fn name(check: &mut Violations, field: &str, name: &str) -> String {
    let name = check.text(field, name, 1..=100);
    check.require(!name.contains(':'), field, "must not have a colon");
    if FACETS.contains(&name.as_str()) {
        check.add(field, format!("must not be {name:?}, which every product has a facet of"));
    }
    name
}

/// The attributes of a request. One without a value is named and left out.
pub(crate) fn from_proto(check: &mut Violations, list: &str, attributes: &[v1::Attribute]) -> Vec<Attribute> {
    let parse = |(place, attribute): (usize, &v1::Attribute)| {
        let field = |name: &str| within(list, place, name);
        let name = name(check, &field("name"), &attribute.name);
        let unit = check.text(&field("unit"), &attribute.unit, 0..=30);
        let value = match &attribute.value {
            Some(Wire::Text(text)) => Value::Text(check.text(&field("text"), text, 1..=10_000)),
            Some(Wire::Number(amount)) => {
                check.require(amount.is_finite(), &field("number"), "must be a finite number");
                return Some(Attribute {
                    name,
                    value: Value::Number { amount: *amount, unit },
                });
            }
            Some(Wire::Flag(flag)) => Value::Flag(*flag),
            None => {
                check.add(field("value"), "one of text, number and flag is required");
                return None;
            }
        };
        check.require(unit.is_empty(), &field("unit"), "belongs to numbers only");
        Some(Attribute { name, value })
    };
    attributes.iter().enumerate().filter_map(parse).collect()
}
