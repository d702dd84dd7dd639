//! Categories: a tree of names, each with templates for what is listed in it.

use std::collections::HashSet;

use kernel::{CategoryId, OrganisationId, Time};

use super::{
    Event, Fault, Listing,
    template::{Kind, Template},
};

/// A category as the tree has it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Category {
    pub(crate) id: CategoryId,
    /// The operators' organisation that made it.
    pub(crate) owner: OrganisationId,
    /// From the root down to the parent; it never changes.
    pub(crate) ancestors: Vec<CategoryId>,
    pub(crate) label: Label,
    pub(crate) created: Time,
    pub(crate) updated: Time,
}

/// What an operator may change of a category.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Label {
    pub(crate) name: String,
    pub(crate) templates: Vec<Template>,
}

impl Label {
    /// More templates than this fill no form.
    pub(crate) const MOST_TEMPLATES: usize = 100;
    /// Out of more texts than this nobody picks one.
    pub(crate) const MOST_ALLOWED: usize = 1_000;

    /// How many bytes it takes up, more or less.
    pub(crate) fn bytes(&self) -> usize {
        let template = |template: &Template| match &template.kind {
            Kind::Text { allowed } => template.name.len() + allowed.iter().map(|text| text.len() + 32).sum::<usize>() + 100,
            Kind::Number { unit } => template.name.len() + unit.len() + 100,
            Kind::Flag => template.name.len() + 100,
        };
        self.name.len() + self.templates.iter().map(template).sum::<usize>()
    }

    /// Every rule that the label breaks.
    pub(crate) fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        if self.templates.len() > Self::MOST_TEMPLATES {
            faults.push(Fault::new(
                "attributes",
                format!("must have at most {} items", Self::MOST_TEMPLATES),
            ));
        }
        let mut seen = HashSet::new();
        for (place, template) in self.templates.iter().enumerate() {
            if !seen.insert(&template.name) {
                faults.push(Fault::new(format!("attributes[{place}].name"), "is there twice"));
            }
            if matches!(&template.kind, Kind::Text { allowed } if allowed.len() > Self::MOST_ALLOWED) {
                let reason = format!("must have at most {} items", Self::MOST_ALLOWED);
                faults.push(Fault::new(format!("attributes[{place}].allowed_values"), reason));
            }
        }
        faults
    }
}

impl Category {
    /// How deep a tree grows: the root is the first level.
    pub(crate) const DEEPEST: usize = 8;

    /// The category above it.
    pub(crate) fn parent(&self) -> Option<CategoryId> {
        self.ancestors.last().copied()
    }

    /// It and all above it, from the root down.
    pub(crate) fn path(&self) -> impl Iterator<Item = CategoryId> {
        self.ancestors.iter().copied().chain([self.id])
    }

    /// Gets another label; nothing happens when it is the same.
    pub(crate) fn relabel(&mut self, label: Label, now: Time) -> Option<Event> {
        if self.label == label {
            return None;
        }
        (self.label, self.updated) = (label, now);
        Some(Event::CategoryChanged)
    }
}

/// What is wrong with a listing in a category, whose path is given from the root down. The nearest template of a name counts.
pub(crate) fn faults(path: &[&Category], listing: &Listing) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut seen = HashSet::new();
    for template in path.iter().rev().flat_map(|category| &category.label.templates) {
        if seen.insert(&template.name) {
            template.faults(listing, &mut faults);
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use kernel::uuid::Uuid;

    use super::*;
    use crate::domain::{Attribute, Value, samples::listing};

    fn category(templates: Vec<Template>) -> Category {
        Category {
            id: CategoryId::from_uuid(Uuid::from_u128(9)),
            owner: OrganisationId::from_uuid(Uuid::from_u128(3)),
            ancestors: Vec::new(),
            label: Label {
                name: "Bolts".to_owned(),
                templates,
            },
            created: Time::default(),
            updated: Time::default(),
        }
    }

    fn template(name: &str, kind: Kind) -> Template {
        Template {
            name: name.to_owned(),
            kind,
            required: false,
            facet: false,
            variant_axis: false,
        }
    }

    fn texts(allowed: &[&str]) -> Kind {
        Kind::Text {
            allowed: allowed.iter().map(|text| (*text).to_owned()).collect(),
        }
    }

    fn fields(path: &[&Category]) -> Vec<String> {
        faults(path, &listing()).into_iter().map(|fault| fault.field).collect()
    }

    #[test]
    fn a_label_offers_only_so_many_texts() {
        let label = |count: usize| {
            let allowed: Vec<String> = (0..count).map(|number| number.to_string()).collect();
            let texts = Kind::Text { allowed };
            category(vec![template("first", Kind::Flag), template("material", texts)]).label
        };
        assert_eq!(label(Label::MOST_ALLOWED).faults(), []);
        assert_eq!(label(Label::MOST_ALLOWED + 1).faults()[0].field, "attributes[1].allowed_values");
    }

    #[test]
    fn an_attribute_has_the_form_that_its_template_asks_for() {
        let millimetres = || Kind::Number { unit: "mm".to_owned() };
        for (kind, field) in [
            (texts(&["A2", "A4"]), None),
            (texts(&["A4"]), Some("attributes[0].text")),
            (millimetres(), Some("attributes[0].value")),
            (Kind::Flag, Some("attributes[0].value")),
        ] {
            let category = category(vec![template("material", kind)]);
            assert_eq!(fields(&[&category]), field.into_iter().collect::<Vec<_>>());
        }
        let mut inches = listing();
        inches.attributes = vec![Attribute {
            name: "head".to_owned(),
            value: Value::Number {
                amount: 0.5,
                unit: "[in_i]".to_owned(),
            },
        }];
        let faults = faults(&[&category(vec![template("head", millimetres())])], &inches);
        assert_eq!(faults[0].field, "attributes[0].unit");
    }

    #[test]
    fn of_many_allowed_texts_some_are_named() {
        let many: Vec<String> = (0..1_000).map(|number| format!("grade {number}")).collect();
        let many = template("material", Kind::Text { allowed: many });
        let faults = faults(&[&category(vec![many])], &listing());
        assert!(
            faults[0].reason.ends_with("grade 18, grade 19 or 980 others"),
            "{}",
            faults[0].reason
        );
    }

    #[test]
    fn what_is_required_is_an_attribute_or_an_axis() {
        let required = |name: &str, variant_axis| Template {
            required: true,
            variant_axis,
            ..template(name, texts(&[]))
        };
        assert_eq!(
            fields(&[&category(vec![required("material", false), required("length", true)])]),
            [""; 0]
        );
        assert_eq!(fields(&[&category(vec![required("coating", false)])]), ["attributes"]);
    }

    #[test]
    fn variants_differ_only_in_axes_and_within_what_is_allowed() {
        assert_eq!(fields(&[&category(vec![template("length", texts(&[]))])]), ["option_names[0]"]);
        let axis = Template {
            variant_axis: true,
            ..template("length", texts(&["10 mm"]))
        };
        assert_eq!(fields(&[&category(vec![axis])]), ["variants[1].option_values[0]"]);
    }

    #[test]
    fn the_nearest_template_of_a_name_counts() {
        let root = category(vec![template("material", Kind::Flag), template("length", texts(&[]))]);
        let leaf = category(vec![template("material", texts(&[]))]);
        assert_eq!(fields(&[&root, &leaf]), ["option_names[0]"]);
    }
}
