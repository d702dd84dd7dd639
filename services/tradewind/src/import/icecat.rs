//! Rows of the catalog's import from Icecat's objects: `attr_t_` is a text, `attr_n_` a number, `attr_b_` a flag, the price is in US cents.

use std::{
    collections::{HashMap, HashSet},
    path::PathBuf,
};

use anyhow::{Context, Result};
use kernel::Gtin;
use serde_json::{Map, Value, json};

use super::lines::{LONGEST, Line, Lines, Place};
use crate::client::money;

/// The rows of several files, one after another.
pub(super) struct Rows<'a> {
    lines: Lines<'a>,
    /// Where each id was first.
    ids: HashMap<String, Place>,
    /// How many lines were read.
    pub(super) read: u64,
    pub(super) without_gtin: usize,
}

/// A line of the files.
pub(super) enum Row {
    /// What the catalog is asked to take in.
    Product { place: Place, product: Value },
    /// What it need not be asked about.
    Rejected { place: Place, why: String },
}

impl<'a> Rows<'a> {
    pub(super) fn of(files: &'a [PathBuf]) -> Self {
        Self {
            lines: Lines::of(files),
            ids: HashMap::new(),
            read: 0,
            without_gtin: 0,
        }
    }

    fn row(&mut self, line: Line) -> Row {
        let place = line.place;
        match self.product(&place, line.bytes.as_deref()) {
            Ok(product) => Row::Product { place, product },
            Err(why) => Row::Rejected { place, why },
        }
    }

    fn product(&mut self, place: &Place, line: Option<&[u8]>) -> Result<Value, String> {
        let line = line.ok_or_else(|| format!("is longer than {LONGEST} bytes"))?;
        let line = str::from_utf8(line).map_err(|_| "is not UTF-8")?;
        let mut product: Map<String, Value> = serde_json::from_str(line).map_err(|error| format!("is no JSON object: {error}"))?;
        product.values_mut().for_each(mend);
        let text = |field: &str| product.get(field).and_then(Value::as_str).unwrap_or_default();
        let id = match product.get("id") {
            Some(Value::String(id)) if !id.is_empty() => id.clone(),
            Some(Value::Number(id)) => id.to_string(),
            _ => return Err("has no id".to_owned()),
        };
        let cents = product.get("price").filter(|price| !price.is_null()).ok_or("has no price")?;
        let cents = whole(cents).ok_or_else(|| format!("has {cents} as its price, which is no number of cents"))?;
        let mut variant = json!({ "sku": id, "priceTiers": [{ "minQuantity": "1", "price": money(cents, "USD") }] });
        let attributes = attributes(&product)?;
        // The second of two would undo what the first says, at every import again.
        if let Some(first) = self.ids.get(&id) {
            return Err(format!("has the id {id}, as {first} had"));
        }
        self.ids.insert(id, place.clone());
        let ean = product.get("ean").and_then(|eans| eans.get(0)).and_then(Value::as_str);
        match ean.filter(|ean| ean.parse::<Gtin>().is_ok()) {
            Some(gtin) => variant["gtin"] = json!(gtin),
            None => self.without_gtin += 1,
        }
        Ok(json!({
            "title": text("title"),
            "description": text("short_description"),
            "brand": text("supplier"),
            "attributes": attributes,
            "variants": [variant],
            "publish": true,
        }))
    }
}

impl Iterator for Rows<'_> {
    type Item = Result<Row>;

    fn next(&mut self) -> Option<Result<Row>> {
        let line = self.lines.next()?;
        self.read += 1;
        Some(
            line.context("the files have changed since they were counted")
                .map(|line| self.row(line)),
        )
    }
}

/// What Windows-1252 has from 0x80 to 0x9F, where Unicode has control characters (WHATWG Encoding); spaces where it has nothing.
const WINDOWS_1252: &str = "€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ";

/// Says what a text meant before some program took its encoding for another one, or broke its lines as few programs do.
fn mend(value: &mut Value) {
    let Value::String(text) = value else { return };
    let meant = |character: char| match character {
        '\u{80}'..='\u{9f}' => WINDOWS_1252.chars().nth(character as usize - 0x80).unwrap_or(' '),
        '\u{2028}' | '\u{2029}' => '\n',
        other => other,
    };
    *text = text.chars().map(meant).collect();
}

/// A whole number, which some programs write as `4995.0`.
fn whole(value: &Value) -> Option<i64> {
    let text = value.is_number().then(|| value.to_string())?;
    text.strip_suffix(".0").unwrap_or(&text).parse().ok()
}

/// Whether a height can be adjusted and by how much have the same name in these files: the second is told apart by its kind.
fn attributes(product: &Map<String, Value>) -> Result<Vec<Value>, String> {
    let mut taken = HashSet::new();
    let mut attributes = Vec::new();
    for (field, value) in product {
        let Some((kind, name)) = attribute(field) else { continue };
        let fits = match kind {
            "text" => value.is_string(),
            "number" => value.is_number(),
            _ => value.is_boolean(),
        };
        if value.is_null() {
            continue;
        }
        if !fits {
            return Err(format!("has {value} as {field}, which is no {kind}"));
        }
        let name = if taken.insert(name.clone()) {
            name
        } else {
            format!("{name} ({kind})")
        };
        attributes.push(json!({ "name": name, kind: value }));
    }
    Ok(attributes)
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

#[cfg(test)]
mod tests {
    use super::*;

    /// What becomes of these lines: titles, or why not.
    fn rows(text: &[u8]) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("products.jsonl");
        std::fs::write(&path, text).unwrap();
        let prefix = format!("{}/", folder.path().display());
        let files = [path];
        let told = Rows::of(&files).map(|row| match row.unwrap() {
            Row::Product { product, .. } => product["title"].as_str().unwrap().to_owned(),
            Row::Rejected { place, why } => format!("{place} {why}").replace(&prefix, ""),
        });
        told.collect()
    }

    #[test]
    fn a_line_that_is_no_product_is_rejected_with_its_place_and_the_others_are_not() {
        let text = br#"{"id": "1", "title": "First", "price": 100}
not json
["1"]
{"title": "Nameless"}
{"id": "0"}
{"id": 2, "title": "Second", "price": 100.0}
{"id": "3", "title": "Float", "price": 1.5}
{"id": "4", "title": "Mixed", "price": 1, "attr_n_width": "wide"}
{"id": "5", "title": "Third", "price": 100, "attr_n_width": null}
{"id": "1", "title": "First again", "price": 100}
{"id": "7", "title": "Free", "price": null}
"#;
        let told = rows(&[text.as_slice(), b"{\"id\": \"6\", \"title\": \"Caf\xe9\"}\n"].concat());
        assert_eq!(
            told,
            [
                "First",
                "products.jsonl, line 2 is no JSON object: expected ident at line 1 column 2",
                "products.jsonl, line 3 is no JSON object: invalid type: sequence, expected a map at line 1 column 0",
                "products.jsonl, line 4 has no id",
                "products.jsonl, line 5 has no price",
                "Second",
                "products.jsonl, line 7 has 1.5 as its price, which is no number of cents",
                "products.jsonl, line 8 has \"wide\" as attr_n_width, which is no number",
                "Third",
                "products.jsonl, line 10 has the id 1, as products.jsonl, line 1 had",
                "products.jsonl, line 11 has no price",
                "products.jsonl, line 12 is not UTF-8",
            ]
        );
    }

    #[test]
    fn an_article_number_that_is_none_is_left_out_of_its_row() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("products.jsonl");
        let eans = [r#"["4006381333931"]"#, r#"["4006381333930"]"#, r#"[""]"#, "[]"];
        let lines = eans
            .iter()
            .enumerate()
            .map(|(id, ean)| format!(r#"{{"id": {id}, "title": "Pen", "price": 1, "ean": {ean}}}"#));
        std::fs::write(&path, lines.collect::<Vec<_>>().join("\n")).unwrap();
        let files = [path];
        let mut rows = Rows::of(&files);
        let gtins = rows.by_ref().map(|row| match row.unwrap() {
            Row::Product { product, .. } => product["variants"][0]["gtin"].clone(),
            Row::Rejected { place, why } => panic!("{place} {why}"),
        });
        assert_eq!(
            gtins.collect::<Vec<_>>(),
            [json!("4006381333931"), Value::Null, Value::Null, Value::Null]
        );
        assert_eq!(rows.without_gtin, 3);
    }

    #[test]
    fn a_text_whose_encoding_was_mistaken_is_read_as_it_was_meant() {
        assert_eq!(WINDOWS_1252.chars().count(), 32);
        let mut value = json!("40\u{97}50 W, Intel\u{99}\u{2029}5 \u{80}\u{9d}\u{9f}é");
        mend(&mut value);
        assert_eq!(value, json!("40—50 W, Intel™\n5 € Ÿé"));
    }

    #[test]
    fn attributes_keep_their_kinds_and_have_names_of_their_own() {
        let product = json!({ "supplier": "HP", "attr_n_display_diagonal": 17.0, "attr_b_tilt_": true, "attr_n_tilt": 20 });
        assert_eq!(
            json!(attributes(product.as_object().unwrap()).unwrap()),
            json!([
                { "name": "tilt", "flag": true },
                { "name": "display diagonal", "number": 17.0 },
                { "name": "tilt (number)", "number": 20 }
            ])
        );
    }
}
