//! Attribute templates: what a listing in a category says of itself, and in which form.

use serde::{Deserialize, Serialize};

use super::{Attribute, Fault, Listing, Value};

/// How many of the allowed texts somebody is told who said another one.
const NAMED: usize = 20;

/// What may or must be said under one name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Template {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) required: bool,
    /// Whether buyers filter by it.
    pub(crate) facet: bool,
    /// Whether variants may differ in it.
    pub(crate) variant_axis: bool,
}

/// The form of a value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// One of these texts; any when there are none.
    Text {
        allowed: Vec<String>,
    },
    /// A number with exactly this unit, which may be empty.
    Number {
        unit: String,
    },
    Flag,
}

impl Template {
    /// What is wrong with the listing under this name.
    pub(super) fn faults(&self, listing: &Listing, faults: &mut Vec<Fault>) {
        let attribute = listing.attributes.iter().position(|attribute| attribute.name == self.name);
        let axis = listing.option_names.iter().position(|name| *name == self.name);
        if let Some(place) = attribute {
            self.check_attribute(place, &listing.attributes[place], faults);
        }
        if let Some(axis) = axis {
            self.check_axis(axis, listing, faults);
        }
        if self.required && attribute.is_none() && axis.is_none() {
            faults.push(Fault::new("attributes", format!("{} is required in this category", self.name)));
        }
    }

    fn check_attribute(&self, place: usize, attribute: &Attribute, faults: &mut Vec<Fault>) {
        let mut fault = |field: &str, reason: String| faults.push(Fault::new(format!("attributes[{place}].{field}"), reason));
        match (&self.kind, &attribute.value) {
            (Kind::Text { allowed }, Value::Text(text)) => {
                if !is_allowed(allowed, text) {
                    fault("text", one_of(allowed));
                }
            }
            (Kind::Number { unit }, Value::Number { unit: given, .. }) => {
                if unit != given {
                    fault("unit", format!("must be {unit:?} in this category"));
                }
            }
            (Kind::Flag, Value::Flag(_)) => {}
            (Kind::Text { .. }, Value::Number { .. } | Value::Flag(_)) => fault("value", "must be a text in this category".to_owned()),
            (Kind::Number { .. }, Value::Text(_) | Value::Flag(_)) => fault("value", "must be a number in this category".to_owned()),
            (Kind::Flag, Value::Text(_) | Value::Number { .. }) => fault("value", "must be a flag in this category".to_owned()),
        }
    }

    /// Along an axis only texts have allowed values; numbers are written with their units there.
    fn check_axis(&self, axis: usize, listing: &Listing, faults: &mut Vec<Fault>) {
        if !self.variant_axis {
            let reason = "is not something that variants differ in, in this category";
            faults.push(Fault::new(format!("option_names[{axis}]"), reason));
            return;
        }
        let Kind::Text { allowed } = &self.kind else { return };
        for (place, variant) in listing.variants.iter().enumerate() {
            if variant.option_values.get(axis).is_some_and(|value| !is_allowed(allowed, value)) {
                let field = format!("variants[{place}].option_values[{axis}]");
                faults.push(Fault::new(field, one_of(allowed)));
            }
        }
    }
}

fn is_allowed(allowed: &[String], text: &str) -> bool {
    allowed.is_empty() || allowed.iter().any(|one| one == text)
}

/// The texts that are allowed, as far as they fit into an answer.
fn one_of(allowed: &[String]) -> String {
    let (named, others) = allowed.split_at(allowed.len().min(NAMED));
    match others {
        [] => format!("must be one of {}", named.join(", ")),
        others => format!("must be one of {} or {} others", named.join(", "), others.len()),
    }
}
