//! The demo market's category tree, and what a listing in each of its leaves says of itself.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::Family;
use crate::client::{Error, Person, text};

/// Makes the categories of these families with their ancestors: the id of each, by its whole name.
pub(super) async fn plant<'m>(operator: &Person, families: impl Iterator<Item = &'m Family>) -> Result<HashMap<&'m str, String>, Error> {
    let mut planted: HashMap<&str, String> = HashMap::new();
    for family in families {
        let whole = family.category.as_str();
        let ends = whole.match_indices(" > ").map(|(end, _)| end).chain([whole.len()]);
        let mut parent = String::new();
        for name in ends.map(|end| &whole[..end]) {
            if !planted.contains_key(name) {
                let attributes = if name == whole { templates(family) } else { json!([]) };
                let last = name.rsplit(" > ").next().unwrap_or(name);
                let category = json!({ "parentId": parent, "name": last, "attributes": attributes });
                let category = operator.client.post("/v1/categories", &format!("demo {name}"), category).await?;
                planted.insert(name, text(&category, "id"));
            }
            parent.clone_from(&planted[name]);
        }
    }
    Ok(planted)
}

/// What every listing of a family says, and what its variants may differ in.
fn templates(family: &Family) -> Value {
    let attribute = if family.is_measured() {
        json!({ "name": family.attribute, "type": "ATTRIBUTE_TYPE_NUMBER", "unit": family.unit, "required": true, "facet": true })
    } else {
        json!({ "name": family.attribute, "type": "ATTRIBUTE_TYPE_TEXT", "required": true, "facet": true })
    };
    json!([
        attribute,
        { "name": family.option, "type": "ATTRIBUTE_TYPE_TEXT", "variantAxis": true, "facet": true },
    ])
}
