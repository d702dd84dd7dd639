//! Rows of Olist's files, in the columns that a replay looks at, each checked when it is read, before anything is
//! written. The order of columns, further ones, quotes, line ends, a byte order mark, compression, and whether commas,
//! semicolons or tabs stand in between make no difference. A row that cannot be read says why and on which line; only
//! a file or a column that is missing keeps the others from being read.

use std::{borrow::Cow, collections::HashMap, io::Read as _, path::Path};

use anyhow::{Context, Result, bail, ensure};
use csv::{ByteRecord, ReaderBuilder, Trim};

use crate::text_file;

/// Larger amounts are no price of anything; sums of smaller ones never overflow.
const MOST_CENTS: i64 = 1_000_000_000_000;

/// The heaviest piece that the catalog lists, in milligrams.
const HEAVIEST_MG: i64 = i64::MAX / 1_000_000;

/// As long as an id may be that becomes a part of e-mail addresses and idempotency keys.
const LONGEST_ID: usize = 40;

/// How programs write what is not there.
const NOTHING: [&str; 6] = ["", "null", "nan", "nat", "none", "\\n"];

/// A kind of row.
pub(super) trait Row: Sized {
    /// The file's name; followed by `.gz`, it will do as well.
    const FILE: &str;

    /// The columns that the file must have.
    const COLUMNS: &[&str];

    /// Reads one, or says what is wrong with it.
    fn read(cells: &Cells<'_>) -> Result<Self, String>;
}

/// A row, or why it cannot be read.
pub(super) struct Line<R> {
    pub(super) number: usize,
    /// The order that it is of; empty when it tells none.
    pub(super) order: String,
    pub(super) row: Result<R, String>,
}

/// The cells of one row.
pub(super) struct Cells<'a> {
    columns: &'a HashMap<String, usize>,
    /// How many there must be.
    width: usize,
    record: &'a ByteRecord,
}

/// The rows of a file that must be there.
pub(super) fn read<R: Row>(folder: &Path) -> Result<Vec<Line<R>>> {
    let lines = read_if_there(folder)?;
    lines.with_context(|| format!("{} has no file {}, with or without .gz", folder.display(), R::FILE))
}

/// The rows of a file that may be missing.
pub(super) fn read_if_there<R: Row>(folder: &Path) -> Result<Option<Vec<Line<R>>>> {
    for name in [R::FILE.to_owned(), format!("{}.gz", R::FILE)] {
        let path = folder.join(name);
        if path.exists() {
            let reading = || format!("reading {}", path.display());
            let mut text = Vec::new();
            text_file::open(&path)
                .and_then(|mut file| file.read_to_end(&mut text))
                .with_context(reading)?;
            return parse(&text).map(Some).with_context(reading);
        }
    }
    Ok(None)
}

fn parse<R: Row>(text: &[u8]) -> Result<Vec<Line<R>>> {
    // How many cells a row must have is for each kind of row to say.
    let mut reader = ReaderBuilder::new();
    let reader = reader.delimiter(delimiter(text)).flexible(true).trim(Trim::All);
    let mut reader = reader.from_reader(text);
    let header = reader.byte_headers()?;
    ensure!(!header.is_empty(), "names of columns are missing");
    let width = header.len();
    let columns: HashMap<String, usize> = header
        .iter()
        .enumerate()
        .map(|(place, name)| (decoded(name).to_lowercase(), place))
        .collect();
    if let Some(missing) = R::COLUMNS.iter().find(|column| !columns.contains_key(**column)) {
        bail!("there is no column {missing}");
    }
    let mut lines = Vec::new();
    let (mut record, mut at, mut number) = (ByteRecord::new(), 0, 1);
    while reader.read_byte_record(&mut record)? {
        // A record is said to begin within the line end before it.
        let begins = record
            .position()
            .map_or(at, |position| usize::try_from(position.byte()).unwrap_or(at));
        let begins = begins + text[begins..].iter().take_while(|byte| b"\r\n".contains(byte)).count();
        number += text[at..begins].iter().filter(|byte| **byte == b'\n').count();
        at = begins;
        if record.iter().all(<[u8]>::is_empty) {
            continue;
        }
        let cells = Cells {
            columns: &columns,
            width,
            record: &record,
        };
        lines.push(Line {
            number,
            order: cells.id("order_id").unwrap_or_default(),
            row: R::read(&cells),
        });
    }
    Ok(lines)
}

/// What stands between the names of columns.
fn delimiter(text: &[u8]) -> u8 {
    let header = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let times = |delimiter: &u8| header.iter().filter(|byte| *byte == delimiter).count();
    *b"\t;,".iter().max_by_key(|delimiter| times(delimiter)).expect("there are three")
}

/// Text that is not UTF-8 is as old as the programs that write Latin-1.
fn decoded(bytes: &[u8]) -> Cow<'_, str> {
    std::str::from_utf8(bytes).map_or_else(|_| bytes.iter().map(|byte| char::from(*byte)).collect(), Cow::Borrowed)
}

impl Cells<'_> {
    /// Refuses a row with cells too many or too few, of which nobody knows which they are.
    fn must_be_whole(&self) -> Result<(), String> {
        if self.record.len() == self.width {
            Ok(())
        } else {
            Err(format!("has {} columns and not {}", self.record.len(), self.width))
        }
    }

    /// Empty when it is not there.
    fn text(&self, column: &str) -> String {
        let cell = self.columns.get(column).and_then(|place| self.record.get(*place));
        decoded(cell.unwrap_or_default()).into_owned()
    }

    /// Letters, digits, `-` and `_`: Olist's are 32 hexadecimal digits.
    fn id(&self, column: &str) -> Result<String, String> {
        let text = self.text(column);
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if (1..=LONGEST_ID).contains(&text.len()) && text.bytes().all(plain) {
            Ok(text)
        } else {
            Err(format!("`{text}` is no id"))
        }
    }

    /// `58.9` is 5890. No float comes near it.
    fn cents(&self, column: &str) -> Result<i64, String> {
        let text = self.text(column);
        let cents = decimal(&text, 2).filter(|cents| *cents <= MOST_CENTS);
        cents.ok_or_else(|| format!("`{text}` is not an amount in cents"))
    }

    /// Grams as milligrams; nothing when it was never weighed.
    fn milligrams(&self, column: &str) -> Option<i64> {
        decimal(&self.text(column), 3).filter(|weight| (1..=HEAVIEST_MG).contains(weight))
    }

    /// Whether there is a time at which something happened: a date first, whatever follows.
    fn happened(&self, column: &str) -> Result<bool, String> {
        let text = self.text(column);
        if NOTHING.contains(&text.to_ascii_lowercase().as_str()) {
            return Ok(false);
        }
        let date = text.split([' ', 'T']).next().unwrap_or_default();
        let parts: Vec<&str> = date.split(['-', '/']).collect();
        if parts.len() == 3 && parts.iter().all(|part| part.parse::<u16>().is_ok()) {
            Ok(true)
        } else {
            Err(format!("`{text}` is not a time"))
        }
    }
}

/// A decimal that is not negative, with a point or a comma, in units of which ten to the
/// power of `places` make a whole. Zeros behind them make no difference.
fn decimal(text: &str, places: usize) -> Option<i64> {
    let (whole, fraction) = text.split_once(['.', ',']).unwrap_or((text, "0"));
    let fraction = fraction.trim_end_matches('0');
    let digits = format!("{whole}{fraction:0<places$}");
    let plain = !whole.is_empty() && fraction.len() <= places && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| digits.parse().ok()).flatten()
}

pub(super) struct OrderRow {
    pub(super) order_id: String,
    pub(super) customer_id: String,
    pub(super) status: String,
    /// Whether a carrier has had it.
    pub(super) handed_over: bool,
}

impl Row for OrderRow {
    const FILE: &str = "olist_orders_dataset.csv";
    const COLUMNS: &[&str] = &["order_id", "customer_id", "order_status", "order_delivered_carrier_date"];

    fn read(cells: &Cells<'_>) -> Result<Self, String> {
        cells.must_be_whole()?;
        Ok(Self {
            order_id: cells.id("order_id")?,
            customer_id: cells.id("customer_id")?,
            status: cells.text("order_status"),
            handed_over: cells.happened("order_delivered_carrier_date")?,
        })
    }
}

pub(super) struct ItemRow {
    pub(super) product_id: String,
    pub(super) seller_id: String,
    pub(super) price: i64,
    pub(super) freight_value: i64,
}

impl Row for ItemRow {
    const FILE: &str = "olist_order_items_dataset.csv";
    const COLUMNS: &[&str] = &["order_id", "product_id", "seller_id", "price", "freight_value"];

    fn read(cells: &Cells<'_>) -> Result<Self, String> {
        cells.must_be_whole()?;
        cells.id("order_id")?;
        Ok(Self {
            product_id: cells.id("product_id")?,
            seller_id: cells.id("seller_id")?,
            price: cells.cents("price")?,
            freight_value: cells.cents("freight_value")?,
        })
    }
}

pub(super) struct PaymentRow {
    pub(super) payment_type: String,
    pub(super) payment_value: i64,
}

impl Row for PaymentRow {
    const FILE: &str = "olist_order_payments_dataset.csv";
    const COLUMNS: &[&str] = &["order_id", "payment_type", "payment_value"];

    fn read(cells: &Cells<'_>) -> Result<Self, String> {
        cells.must_be_whole()?;
        cells.id("order_id")?;
        Ok(Self {
            payment_type: cells.text("payment_type"),
            payment_value: cells.cents("payment_value")?,
        })
    }
}

pub(super) struct CustomerRow {
    pub(super) customer_id: String,
    /// The person, who has another customer's id for each order; nothing when the file does not tell.
    pub(super) customer_unique_id: Option<String>,
    pub(super) zip: String,
    pub(super) city: String,
    pub(super) state: String,
}

impl Row for CustomerRow {
    const FILE: &str = "olist_customers_dataset.csv";
    const COLUMNS: &[&str] = &["customer_id", "customer_unique_id"];

    fn read(cells: &Cells<'_>) -> Result<Self, String> {
        Ok(Self {
            customer_id: cells.id("customer_id")?,
            customer_unique_id: cells.id("customer_unique_id").ok(),
            zip: cells.text("customer_zip_code_prefix"),
            city: cells.text("customer_city"),
            state: cells.text("customer_state"),
        })
    }
}

pub(super) struct SellerRow {
    pub(super) seller_id: String,
    pub(super) zip: String,
    pub(super) city: String,
    pub(super) state: String,
}

impl Row for SellerRow {
    const FILE: &str = "olist_sellers_dataset.csv";
    const COLUMNS: &[&str] = &["seller_id"];

    fn read(cells: &Cells<'_>) -> Result<Self, String> {
        Ok(Self {
            seller_id: cells.id("seller_id")?,
            zip: cells.text("seller_zip_code_prefix"),
            city: cells.text("seller_city"),
            state: cells.text("seller_state"),
        })
    }
}

pub(super) struct ProductRow {
    pub(super) product_id: String,
    pub(super) category: String,
    pub(super) weight_mg: Option<i64>,
}

impl Row for ProductRow {
    const FILE: &str = "olist_products_dataset.csv";
    const COLUMNS: &[&str] = &["product_id"];

    fn read(cells: &Cells<'_>) -> Result<Self, String> {
        Ok(Self {
            product_id: cells.id("product_id")?,
            category: cells.text("product_category_name"),
            weight_mg: cells.milligrams("product_weight_g"),
        })
    }
}

pub(super) struct TranslationRow {
    pub(super) category: String,
    pub(super) english: String,
}

impl Row for TranslationRow {
    const FILE: &str = "product_category_name_translation.csv";
    const COLUMNS: &[&str] = &["product_category_name", "product_category_name_english"];

    fn read(cells: &Cells<'_>) -> Result<Self, String> {
        Ok(Self {
            category: cells.text("product_category_name"),
            english: cells.text("product_category_name_english"),
        })
    }
}

#[cfg(test)]
mod tests;
