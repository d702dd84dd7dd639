//! What a seller says of a product: texts, attributes, options and variants, and the rules that hold among them.

use std::collections::HashSet;

use kernel::{CategoryId, Currency};

use super::{Attribute, Variant};

/// Everything of a product that its seller describes and prices.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Listing {
    pub(crate) category: Option<CategoryId>,
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) brand: String,
    pub(crate) attributes: Vec<Attribute>,
    /// The axes along which variants differ.
    pub(crate) option_names: Vec<String>,
    /// At least one.
    pub(crate) variants: Vec<Variant>,
}

/// A rule that a listing breaks, and where, in the words of the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) field: String,
    pub(crate) reason: String,
}

impl Fault {
    pub(crate) fn new(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            reason: reason.into(),
        }
    }
}

impl Listing {
    /// More attributes than this are not a description any more.
    pub(crate) const MOST_ATTRIBUTES: usize = 250;
    /// More axes than this are not variants of one thing any more.
    pub(crate) const MOST_OPTIONS: usize = 5;
    /// An order reads all variants of a product at once.
    pub(crate) const MOST_VARIANTS: usize = 250;

    /// Every rule that the listing breaks, in a store of this currency.
    pub(crate) fn faults(&self, currency: Currency) -> Vec<Fault> {
        let mut faults = Vec::new();
        counted(&mut faults, "attributes", self.attributes.len(), 0, Self::MOST_ATTRIBUTES);
        counted(&mut faults, "option_names", self.option_names.len(), 0, Self::MOST_OPTIONS);
        counted(&mut faults, "variants", self.variants.len(), 1, Self::MOST_VARIANTS);
        let names = self.attributes.iter().map(|attribute| attribute.name.as_str());
        distinct(&mut faults, names, |place| format!("attributes[{place}].name"));
        distinct(&mut faults, self.option_names.iter(), |place| format!("option_names[{place}]"));
        let skus = self.variants.iter().map(|variant| variant.sku.as_str());
        distinct(&mut faults, skus, |place| format!("variants[{place}].sku"));
        let options = self.variants.iter().map(|variant| &variant.option_values);
        distinct(&mut faults, options, |place| format!("variants[{place}].option_values"));
        let ids = self.variants.iter().map(|variant| variant.id);
        distinct(&mut faults, ids, |place| format!("variants[{place}].id"));
        for (place, variant) in self.variants.iter().enumerate() {
            if variant.option_values.len() != self.option_names.len() {
                let reason = format!("must have one value for each of the {} option names", self.option_names.len());
                faults.push(Fault::new(format!("variants[{place}].option_values"), reason));
            }
            if variant.tiers.currency() != currency {
                let reason = format!("must be {currency}, the store's currency");
                faults.push(Fault::new(format!("variants[{place}].price_tiers[0].price.currency"), reason));
            }
        }
        faults
    }
}

fn counted(faults: &mut Vec<Fault>, field: &str, count: usize, least: usize, most: usize) {
    if !(least..=most).contains(&count) {
        faults.push(Fault::new(field, format!("must have {least} to {most} items, has {count}")));
    }
}

fn distinct<T: std::hash::Hash + Eq>(faults: &mut Vec<Fault>, items: impl Iterator<Item = T>, field: impl Fn(usize) -> String) {
    let mut seen = HashSet::new();
    for (place, item) in items.enumerate() {
        if !seen.insert(item) {
            faults.push(Fault::new(field(place), "is there twice"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::samples::{listing, usd, variant};

    fn fields(listing: &Listing) -> Vec<String> {
        listing.faults(usd()).into_iter().map(|fault| fault.field).collect()
    }

    #[test]
    fn a_sound_listing_has_no_faults() {
        assert_eq!(listing().faults(usd()), []);
    }

    #[test]
    fn a_listing_names_every_rule_that_it_breaks() {
        let mut bad = listing();
        bad.option_names = vec!["size".to_owned(), "size".to_owned()];
        bad.attributes = vec![bad.attributes[0].clone(), bad.attributes[0].clone()];
        assert_eq!(
            fields(&bad),
            [
                "attributes[1].name",
                "option_names[1]",
                "variants[0].option_values",
                "variants[1].option_values"
            ]
        );
    }

    #[test]
    fn variants_differ_in_article_number_and_options() {
        let mut twice = listing();
        twice.variants.push(twice.variants[0].clone());
        assert_eq!(fields(&twice), ["variants[2].sku", "variants[2].option_values", "variants[2].id"]);
    }

    #[test]
    fn prices_are_in_the_stores_currency() {
        let faults = listing().faults("EUR".parse().unwrap());
        assert_eq!(faults[0].field, "variants[0].price_tiers[0].price.currency");
    }

    #[test]
    fn a_listing_has_something_to_buy() {
        let none = Listing {
            variants: Vec::new(),
            ..listing()
        };
        assert_eq!(fields(&none), ["variants"]);
        let many = (0..251)
            .map(|number| variant(&format!("S{number}"), &format!("{number}")))
            .collect();
        assert_eq!(
            fields(&Listing {
                variants: many,
                ..listing()
            })[0],
            "variants"
        );
    }
}
