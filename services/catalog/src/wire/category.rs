//! Categories and their templates.

use kernel::CategoryId;
use prost::Message;
use proto::catalog::v1;
use runtime::{Violations, timestamp};
use store::Stored;

use super::{MOST_BYTES, attribute, within};
use crate::domain::{
    Category,
    category::Label,
    template::{Kind, Template},
};

/// The category as clients see it.
pub(crate) fn to_proto(category: &Stored<Category>) -> v1::Category {
    v1::Category {
        id: category.id.to_string(),
        parent_id: category.parent().map_or_else(String::new, |parent| parent.to_string()),
        name: category.label.name.clone(),
        attributes: category.label.templates.iter().map(template).collect(),
        ancestor_ids: category.ancestors.iter().map(CategoryId::to_string).collect(),
        etag: category.etag(),
        create_time: Some(timestamp(category.created)),
        update_time: Some(timestamp(category.updated)),
    }
}

fn template(template: &Template) -> v1::AttributeTemplate {
    let (kind, unit, allowed_values) = match &template.kind {
        Kind::Text { allowed } => (v1::AttributeType::Text, String::new(), allowed.clone()),
        Kind::Number { unit } => (v1::AttributeType::Number, unit.clone(), Vec::new()),
        Kind::Flag => (v1::AttributeType::Flag, String::new(), Vec::new()),
    };
    v1::AttributeTemplate {
        name: template.name.clone(),
        r#type: kind.into(),
        unit,
        required: template.required,
        allowed_values,
        facet: template.facet,
        variant_axis: template.variant_axis,
    }
}

/// What an operator says of a category, under this prefix of field names.
pub(crate) fn label(check: &mut Violations, prefix: &str, name: &str, attributes: &[v1::AttributeTemplate]) -> Label {
    let list = format!("{prefix}attributes");
    let name = check.line(&format!("{prefix}name"), name, 1..=200);
    let templates = attributes.iter().enumerate();
    let label = Label {
        name,
        templates: templates.filter_map(|(place, one)| parse(check, &list, place, one)).collect(),
    };
    for fault in label.faults() {
        check.add(format!("{prefix}{}", fault.field), fault.reason);
    }
    let bytes: usize = attributes.iter().map(Message::encoded_len).sum();
    check.require(
        bytes <= MOST_BYTES,
        &list,
        &format!("take up {bytes} bytes, and {MOST_BYTES} is the most"),
    );
    label
}

fn parse(check: &mut Violations, list: &str, place: usize, template: &v1::AttributeTemplate) -> Option<Template> {
    let field = |name: &str| within(list, place, name);
    let name = attribute::name(check, &field("name"), &template.name);
    let unit = check.text(&field("unit"), &template.unit, 0..=30);
    let allowed = template.allowed_values.iter().enumerate();
    let allowed: Vec<String> = allowed
        .map(|(value, text)| check.text(&format!("{}[{value}]", field("allowed_values")), text, 1..=100))
        .collect();
    // What belongs to which type cannot be said of a type that is not known.
    let is = |r#type| [r#type, v1::AttributeType::Unspecified].contains(&template.r#type());
    check.require(
        unit.is_empty() || is(v1::AttributeType::Number),
        &field("unit"),
        "belongs to numbers only",
    );
    check.require(
        allowed.is_empty() || is(v1::AttributeType::Text),
        &field("allowed_values"),
        "belong to texts only",
    );
    let kind = match template.r#type() {
        v1::AttributeType::Unspecified => {
            check.add(field("type"), "is required");
            return None;
        }
        v1::AttributeType::Text => Kind::Text { allowed },
        v1::AttributeType::Number => Kind::Number { unit },
        v1::AttributeType::Flag => Kind::Flag,
    };
    Some(Template {
        name,
        kind,
        required: template.required,
        facet: template.facet,
        variant_axis: template.variant_axis,
    })
}

#[cfg(test)]
mod tests {
    use tonic_types::StatusExt;

    use super::*;

    #[test]
    fn a_category_that_no_event_could_carry_is_refused() {
        let fields = |templates: usize, letters: usize| {
            let template = |number: usize| v1::AttributeTemplate {
                name: format!("attribute {number}"),
                r#type: v1::AttributeType::Text.into(),
                allowed_values: (0..100).map(|value| format!("{value:0>letters$}")).collect(),
                ..v1::AttributeTemplate::default()
            };
            let mut check = Violations::new();
            label(&mut check, "category.", "Bolts", &(0..templates).map(template).collect::<Vec<_>>());
            let problem = check.finish(()).err().map(tonic::Status::from);
            let named = problem
                .and_then(|status| status.get_details_bad_request())
                .map(|bad| bad.field_violations);
            named
                .unwrap_or_default()
                .into_iter()
                .map(|violation| violation.field)
                .collect::<Vec<_>>()
        };
        assert_eq!(fields(100, 20), [""; 0]);
        assert_eq!(fields(100, 100), ["category.attributes"]);
    }
}
