//! Rows of the catalog's import from Icecat's objects: `attr_t_` is a text, `attr_n_` a number, `attr_b_` a flag, the price is in US cents.

use std::{
    collections::HashSet,
    fs::File,
    io::{BufRead, BufReader, Read},
    path::PathBuf,
};

use anyhow::{Context, Result};
use flate2::read::GzDecoder;
use serde_json::{Map, Value, json};

use crate::client::money;

/// The rows of several files, one after another.
pub(super) struct Rows {
    lines: Box<dyn Iterator<Item = std::io::Result<String>>>,
    pub(super) without_gtin: usize,
}

/// How many lines the files have.
pub(super) fn count(files: &[PathBuf]) -> Result<u64> {
    let mut lines = 0;
    for line in Rows::of(files)?.lines {
        line?;
        lines += 1;
    }
    Ok(lines)
}

impl Rows {
    pub(super) fn of(files: &[PathBuf]) -> Result<Self> {
        let mut lines: Box<dyn Iterator<Item = std::io::Result<String>>> = Box::new(std::iter::empty());
        for path in files {
            let file = File::open(path).with_context(|| format!("opening {}", path.display()))?;
            let gzipped = path.extension().is_some_and(|extension| extension == "gz");
            let plain: Box<dyn Read> = if gzipped { Box::new(GzDecoder::new(file)) } else { Box::new(file) };
            lines = Box::new(lines.chain(BufReader::new(plain).lines()));
        }
        Ok(Self { lines, without_gtin: 0 })
    }

    fn row(&mut self, line: &str) -> Result<Value> {
        let product: Map<String, Value> = serde_json::from_str(line).context("a line that is no JSON object")?;
        let text = |field: &str| product.get(field).and_then(Value::as_str).unwrap_or_default();
        let mut variant = json!({ "sku": text("id") });
        if let Some(cents) = product.get("price").and_then(Value::as_i64) {
            variant["priceTiers"] = json!([{ "minQuantity": "1", "price": money(cents, "USD") }]);
        }
        let ean = product.get("ean").and_then(|eans| eans.get(0)).and_then(Value::as_str);
        match ean.filter(|ean| is_gtin(ean)) {
            Some(gtin) => variant["gtin"] = json!(gtin),
            None => self.without_gtin += 1,
        }
        Ok(json!({
            "title": text("title"),
            "description": text("short_description"),
            "brand": text("supplier"),
            "attributes": attributes(&product),
            "variants": [variant],
            "publish": true,
        }))
    }
}

impl Iterator for Rows {
    type Item = Result<Value>;

    fn next(&mut self) -> Option<Result<Value>> {
        let line = self.lines.next()?;
        Some(line.map_err(Into::into).and_then(|line| self.row(&line)))
    }
}

/// Whether a height can be adjusted and by how much have the same name in these files: the second is told apart by its kind.
fn attributes(product: &Map<String, Value>) -> Vec<Value> {
    let mut taken = HashSet::new();
    let mut attributes = Vec::new();
    for (field, value) in product {
        let Some((kind, name)) = attribute(field) else { continue };
        let name = if taken.insert(name.clone()) {
            name
        } else {
            format!("{name} ({kind})")
        };
        attributes.push(json!({ "name": name, kind: value }));
    }
    attributes
}

/// The kind and the name of an attribute that a field holds.
fn attribute(field: &str) -> Option<(&'static str, String)> {
    let (kind, name) = field.strip_prefix("attr_")?.split_once('_')?;
    let kind = match kind {
        "t" => "text",
        "n" => "number",
        "b" => "flag",
        _ => return None,
    };
    Some((kind, name.replace('_', " ").trim().to_owned()))
}

/// 8, 12, 13 or 14 digits with the right check digit (GS1 General Specifications, 7.9).
fn is_gtin(text: &str) -> bool {
    let digits: Option<Vec<u32>> = text.chars().map(|digit| digit.to_digit(10)).collect();
    let Some(digits) = digits.filter(|digits| [8, 12, 13, 14].contains(&digits.len())) else {
        return false;
    };
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| if place % 2 == 0 { *digit } else { digit * 3 })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits_are_checked() {
        assert!(is_gtin("0095205603217") && is_gtin("4006381333931"));
        assert!(!is_gtin("4006381333930") && !is_gtin("") && !is_gtin("40063813339x1"));
    }

    #[test]
    fn attributes_keep_their_kinds_and_have_names_of_their_own() {
        let product = json!({ "supplier": "HP", "attr_n_display_diagonal": 17.0, "attr_b_tilt_": true, "attr_n_tilt": 20 });
        assert_eq!(
            json!(attributes(product.as_object().unwrap())),
            json!([
                { "name": "tilt", "flag": true },
                { "name": "display diagonal", "number": 17.0 },
                { "name": "tilt (number)", "number": 20 }
            ])
        );
    }
}
