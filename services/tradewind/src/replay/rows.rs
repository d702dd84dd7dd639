//! Rows of Olist's files, in the columns that a replay looks at, each checked when it is read: what cannot be read is told with its file and line, before
//! anything is written. The order of columns, further ones, quotes, line ends and a byte order mark make no difference.

use std::{fmt::Display, fs, path::Path, str::FromStr};

use anyhow::{Context, Result, anyhow};
use csv::{ErrorKind, ReaderBuilder, Trim};
use serde::{Deserialize, Deserializer, de::DeserializeOwned, de::Error};

use super::files::Status;

/// Larger amounts are no price of anything; sums of smaller ones never overflow.
const MOST_CENTS: i64 = 1_000_000_000_000;

/// As long as an id may be that becomes a part of e-mail addresses and idempotency keys.
const LONGEST_ID: usize = 40;

/// The rows of a file that must be there.
pub(super) fn read<R: DeserializeOwned>(folder: &Path, name: &str) -> Result<Vec<R>> {
    let path = folder.join(name);
    let text = fs::read(&path).with_context(|| format!("reading {}", path.display()))?;
    parse(&text).map_err(|(at, why)| anyhow!("{}, line {}: {why}", path.display(), line(&text, at)))
}

/// The rows of a text; where it cannot be read, and why.
fn parse<R: DeserializeOwned>(text: &[u8]) -> Result<Vec<R>, (u64, String)> {
    let mut reader = ReaderBuilder::new().trim(Trim::All).from_reader(text);
    let headers = reader.headers().map_err(|error| why(&error))?.clone();
    if headers.is_empty() {
        return Err((0, "names of columns are missing".to_owned()));
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        let row = record.and_then(|record| record.deserialize(Some(&headers)));
        rows.push(row.map_err(|error| why(&error))?);
    }
    Ok(rows)
}

/// The number of the line that has this byte, or begins behind it: a record is said to begin within the line end before it.
fn line(text: &[u8], at: u64) -> usize {
    let at = usize::try_from(at).unwrap_or(usize::MAX).min(text.len());
    let begins = text[at..].iter().take_while(|byte| b"\r\n".contains(byte)).count();
    text[..at + begins].iter().filter(|byte| **byte == b'\n').count() + 1
}

/// The rows of a file that may be missing.
pub(super) fn read_if_there<R: DeserializeOwned>(folder: &Path, name: &str) -> Result<Option<Vec<R>>> {
    folder.join(name).exists().then(|| read(folder, name)).transpose()
}

/// At which byte something is wrong, and what.
fn why(error: &csv::Error) -> (u64, String) {
    let why = match error.kind() {
        ErrorKind::Deserialize { err, .. } => err.kind().to_string(),
        ErrorKind::UnequalLengths { expected_len, len, .. } => format!("has {len} columns and not {expected_len}"),
        ErrorKind::Utf8 { .. } => "is not UTF-8".to_owned(),
        _ => error.to_string(),
    };
    (error.position().map_or(0, csv::Position::byte), why)
}

#[derive(Deserialize)]
pub(super) struct OrderRow {
    #[serde(deserialize_with = "id")]
    pub(super) order_id: String,
    #[serde(deserialize_with = "id")]
    pub(super) customer_id: String,
    #[serde(rename = "order_status", deserialize_with = "parsed")]
    pub(super) status: Status,
    /// Whether a carrier has had it.
    #[serde(rename = "order_delivered_carrier_date", deserialize_with = "happened")]
    pub(super) handed_over: bool,
}

#[derive(Deserialize)]
pub(super) struct CustomerRow {
    #[serde(deserialize_with = "id")]
    pub(super) customer_id: String,
    #[serde(deserialize_with = "id")]
    pub(super) customer_unique_id: String,
    #[serde(default)]
    pub(super) customer_zip_code_prefix: String,
    #[serde(default)]
    pub(super) customer_city: String,
    #[serde(default)]
    pub(super) customer_state: String,
}

#[derive(Deserialize)]
pub(super) struct ItemRow {
    #[serde(deserialize_with = "id")]
    pub(super) order_id: String,
    #[serde(deserialize_with = "id")]
    pub(super) product_id: String,
    #[serde(deserialize_with = "id")]
    pub(super) seller_id: String,
    #[serde(deserialize_with = "cents")]
    pub(super) price: i64,
    #[serde(deserialize_with = "cents")]
    pub(super) freight_value: i64,
}

#[derive(Deserialize)]
pub(super) struct PaymentRow {
    #[serde(deserialize_with = "id")]
    pub(super) order_id: String,
    pub(super) payment_type: String,
    #[serde(deserialize_with = "cents")]
    pub(super) payment_value: i64,
}

#[derive(Deserialize)]
pub(super) struct SellerRow {
    #[serde(deserialize_with = "id")]
    pub(super) seller_id: String,
    #[serde(default)]
    pub(super) seller_zip_code_prefix: String,
    #[serde(default)]
    pub(super) seller_city: String,
    #[serde(default)]
    pub(super) seller_state: String,
}

#[derive(Deserialize)]
pub(super) struct ProductRow {
    #[serde(deserialize_with = "id")]
    pub(super) product_id: String,
    #[serde(default)]
    pub(super) product_category_name: String,
    /// Nothing when it was never weighed.
    #[serde(default, rename = "product_weight_g", deserialize_with = "milligrams")]
    pub(super) weight_mg: Option<i64>,
}

#[derive(Deserialize)]
pub(super) struct TranslationRow {
    pub(super) product_category_name: String,
    pub(super) product_category_name_english: String,
}

/// Letters, digits, `-` and `_`: Olist's are 32 hexadecimal digits.
fn id<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let text = String::deserialize(from)?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if (1..=LONGEST_ID).contains(&text.len()) && text.bytes().all(plain) {
        Ok(text)
    } else {
        Err(D::Error::custom(format!("`{text}` is no id")))
    }
}

fn parsed<'de, D: Deserializer<'de>, T: FromStr<Err: Display>>(from: D) -> Result<T, D::Error> {
    String::deserialize(from)?.parse().map_err(D::Error::custom)
}

/// `58.9` is 5890. No float comes near it.
fn cents<'de, D: Deserializer<'de>>(from: D) -> Result<i64, D::Error> {
    let text = String::deserialize(from)?;
    let cents = decimal(&text, 2).filter(|cents| *cents <= MOST_CENTS);
    cents.ok_or_else(|| D::Error::custom(format!("`{text}` is not an amount in cents")))
}

/// Grams as milligrams.
fn milligrams<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i64>, D::Error> {
    let text = String::deserialize(from)?;
    if text.is_empty() {
        return Ok(None);
    }
    let weight = decimal(&text, 3).ok_or_else(|| D::Error::custom(format!("`{text}` is not a weight in grams")))?;
    Ok((weight > 0).then_some(weight))
}

/// Whether there is a time at which something happened: a date first, whatever follows.
fn happened<'de, D: Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    let text = String::deserialize(from)?;
    let date = text.split([' ', 'T']).next().unwrap_or_default();
    let mut parts = date.split(['-', '/']);
    let numbers = parts.by_ref().filter(|part| part.parse::<u16>().is_ok()).count();
    if text.is_empty() || (numbers == 3 && date.matches(['-', '/']).count() == 2) {
        Ok(!text.is_empty())
    } else {
        Err(D::Error::custom(format!("`{text}` is not a time")))
    }
}

/// A decimal that is not negative, in units of which ten to the power of `places` make a whole. Zeros behind them make no difference.
fn decimal(text: &str, places: usize) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let fraction = fraction.trim_end_matches('0');
    let digits = format!("{whole}{fraction:0<places$}");
    let plain = !whole.is_empty() && fraction.len() <= places && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| digits.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_to_the_cent() {
        let cents = |text| decimal(text, 2);
        assert_eq!(
            ["58.9", "13.29", "7", "0.05", "7.", "8.900"].map(|text| cents(text).unwrap()),
            [5_890, 1_329, 700, 5, 700, 890]
        );
        for text in ["1.234", "x", "", ".", "-1", "-0.50", "+1", "1.+5", "1e3", "99999999999999999999"] {
            assert_eq!(cents(text), None, "{text}");
        }
    }

    fn items(bytes: &[u8]) -> Result<Vec<ItemRow>> {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("items.csv"), bytes).unwrap();
        read(folder.path(), "items.csv")
    }

    #[test]
    fn quotes_line_ends_and_the_order_of_columns_make_no_difference() {
        let written: [&[u8]; 4] = [
            b"order_id,product_id,seller_id,price,freight_value\no1,p1,s1,58.9,13.29\n",
            b"order_id,product_id,seller_id,price,freight_value\r\no1,p1,s1,58.9,13.29",
            b"\xef\xbb\xbf\"order_id\",\"product_id\",\"seller_id\",\"price\",\"freight_value\"\n\"o1\",\"p1\",\"s1\",58.90,13.29\n",
            b"price,more,freight_value,seller_id,order_id,product_id\n58.9,\"a, \"\"b\"\"\nc\",13.29,s1,o1, p1 \n",
        ];
        for bytes in written {
            let rows = items(bytes).unwrap();
            let row = &rows[0];
            assert_eq!(
                (row.order_id.as_str(), row.product_id.as_str(), row.seller_id.as_str()),
                ("o1", "p1", "s1")
            );
            assert_eq!((rows.len(), row.price, row.freight_value), (1, 5_890, 1_329));
        }
    }

    #[test]
    fn what_cannot_be_read_is_told_with_its_file_and_line() {
        let head = "order_id,product_id,seller_id,price,freight_value\no1,p1,s1,1,1\n";
        for (line, said) in [
            ("o1,p1,s1,-5.00,1", "items.csv, line 3: `-5.00` is not an amount in cents"),
            ("o1,p1,s1,1,NaN", "items.csv, line 3: `NaN` is not an amount in cents"),
            ("o1,p 1,s1,1,1", "items.csv, line 3: `p 1` is no id"),
            ("o1,p1", "items.csv, line 3: has 2 columns and not 5"),
        ] {
            for end in ["\n", "\r\n"] {
                let text = format!("{head}{line}\n").replace('\n', end);
                let Err(error) = items(text.as_bytes()) else {
                    panic!("{line} is read")
                };
                assert!(error.to_string().contains(said), "{error}");
            }
        }
        for (text, said) in [
            (b"".as_slice(), "items.csv, line 1: names of columns are missing"),
            (b"order_id,product_id,price\n\n\n\xe9,p1,1\n", "items.csv, line 4: is not UTF-8"),
        ] {
            let Err(error) = items(text) else {
                panic!("{said}, and it is read")
            };
            assert!(error.to_string().contains(said), "{error}");
        }
        let Err(error) = items(b"order_id,product_id,price,freight_value\no1,p1,1,1\n") else {
            panic!("no seller is read")
        };
        assert!(format!("{error:#}").contains("seller_id"), "{error:#}");
    }
}
