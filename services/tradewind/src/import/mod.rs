//! Products from files (Icecat's, one JSON object a line, gzipped or not) into a store of their own, through the catalog's bulk import.
//! Whoever is interrupted goes on with the next row; whoever imports again changes what the files say differently by now, and nothing else.

mod icecat;
mod lines;

use std::path::PathBuf;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use self::{
    icecat::{Row, Rows},
    lines::{LONGEST, Place},
};
use crate::client::{Client, Person, number, text};

/// Who sells what is imported.
const SELLER: &str = "import@tradewind.example";

/// How many rows one request carries at most.
const ROWS: usize = 200;

/// How many bytes one request carries at most: the gateway's usual limit, and room for what is around the rows.
const BYTES: usize = LONGEST - 1_024;

/// What became of the rows.
pub(crate) struct Imported {
    pub(crate) listed: i64,
    pub(crate) changed: i64,
    pub(crate) unchanged: i64,
    pub(crate) rejected: Vec<String>,
    /// Article numbers (EAN) that are none, and were left out of their rows.
    pub(crate) without_gtin: usize,
}

/// Files to import, looked through from beginning to end before anything is sent.
pub(crate) struct Source {
    files: Vec<PathBuf>,
    /// How many lines they have, blank ones apart.
    pub(crate) lines: u64,
    /// Tells their contents from others.
    digest: String,
}

impl Source {
    /// Looks through the files.
    pub(crate) fn of(files: Vec<PathBuf>) -> Result<Self> {
        let (lines, digest) = lines::survey(&files)?;
        Ok(Self { files, lines, digest })
    }

    /// The titles of all products.
    pub(crate) fn titles(&self) -> Result<Vec<String>> {
        let titles = Rows::of(&self.files).filter_map(|row| match row {
            Ok(Row::Product { product, .. }) => Some(Ok(text(&product, "title"))),
            Ok(Row::Rejected { .. }) => None,
            Err(error) => Some(Err(error)),
        });
        titles.collect()
    }
}

/// Rows on their way to the catalog.
struct Batches<'a> {
    rows: Rows<'a>,
    /// A row that was too much for the batch before.
    next: Option<(Place, Value)>,
    /// Where each row is that the catalog gets.
    places: Vec<Place>,
    rejected: Vec<String>,
}

impl<'a> Batches<'a> {
    fn of(source: &'a Source) -> Self {
        Self {
            rows: Rows::of(&source.files),
            next: None,
            places: Vec::new(),
            rejected: Vec::new(),
        }
    }

    /// The next row for the catalog, as the text that is sent.
    fn row(&mut self) -> Result<Option<(Place, Value, usize)>> {
        if let Some((place, product)) = self.next.take() {
            let bytes = product.to_string().len();
            return Ok(Some((place, product, bytes)));
        }
        for row in self.rows.by_ref() {
            match row? {
                Row::Product { place, product } => {
                    let bytes = product.to_string().len();
                    if bytes <= BYTES {
                        return Ok(Some((place, product, bytes)));
                    }
                    self.rejected.push(format!("{place} is more than one request can carry"));
                }
                Row::Rejected { place, why } => self.rejected.push(format!("{place} {why}")),
            }
        }
        Ok(None)
    }

    /// As many rows as one request carries; none at the end.
    fn batch(&mut self) -> Result<Vec<Value>> {
        let (mut batch, mut carried) = (Vec::new(), 0);
        while batch.len() < ROWS {
            let Some((place, product, bytes)) = self.row()? else { break };
            carried += bytes + 1;
            if carried > BYTES && !batch.is_empty() {
                self.next = Some((place, product));
                break;
            }
            self.places.push(place);
            batch.push(product);
        }
        Ok(batch)
    }
}

/// Imports every row of the files in their order, telling after each request how many lines were read.
pub(crate) async fn products(gateway: &Client, source: &Source, told: impl Fn(u64)) -> Result<Imported> {
    let seller = Person::join(gateway, SELLER, "Tradewind import", "NL").await?;
    let store = text(&seller.open_store("Tradewind import", "NL", "USD").await?, "id");
    let (name, id) = open(&seller, &store, &format!("import {}", source.digest)).await?;
    let path = format!("/v1/imports/{id}");

    // The first answer comes again for the same key, so where the import stands is asked for.
    let mut received = number(&seller.client.get(&path).await?, "received");
    let mut batches = Batches::of(source);
    for _ in 0..received {
        let Some((place, ..)) = batches.row()? else { break };
        batches.places.push(place);
    }
    loop {
        let batch = batches.batch()?;
        if batch.is_empty() {
            break;
        }
        let key = format!("{name} from {received}");
        let body = json!({ "firstRow": received.to_string(), "rows": batch });
        let import = seller
            .client
            .post(&format!("{path}:addRows"), &key, body)
            .await
            .with_context(|| format!("rows from {received} on"))?;
        received = number(&import, "received");
        told(batches.rows.read);
    }
    seller
        .client
        .post(&format!("{path}:complete"), &format!("{name} is complete"), json!({}))
        .await?;
    let import = seller.client.get(&path).await?;
    let mut rejected = rejected(&seller, &path, &batches.places).await?;
    rejected.extend(batches.rejected);
    Ok(Imported {
        listed: number(&import, "listed"),
        changed: number(&import, "changed"),
        unchanged: number(&import, "unchanged"),
        rejected,
        without_gtin: batches.rows.without_gtin,
    })
}

/// The import of these files that was interrupted, or else a new one: its key and its id.
async fn open(seller: &Person, store: &str, name: &str) -> Result<(String, String)> {
    for turn in 1.. {
        let name = format!("{name}, turn {turn}");
        let opened = seller.client.post("/v1/imports", &name, json!({ "storeId": store })).await?;
        let id = text(&opened, "id");
        let import = seller.client.get(&format!("/v1/imports/{id}")).await?;
        if text(&import, "state") != "IMPORT_STATE_COMPLETED" {
            return Ok((name, id));
        }
    }
    unreachable!("there are more turns than imports")
}

/// Each row that the catalog rejected, with why.
async fn rejected(seller: &Person, path: &str, places: &[Place]) -> Result<Vec<String>> {
    let mut told = Vec::new();
    let mut token = String::new();
    loop {
        let page = seller
            .client
            .get(&format!("{path}/rejectedRows?pageSize=100&pageToken={token}"))
            .await?;
        for row in page["rows"].as_array().into_iter().flatten() {
            let fields = row["fields"].as_array().into_iter().flatten();
            let fields: Vec<String> = fields
                .map(|field| format!("{} {}", text(field, "field"), text(field, "description")))
                .collect();
            let place = usize::try_from(number(row, "row")).ok().and_then(|row| places.get(row));
            let place = place.map(|place| format!("{place}: ")).unwrap_or_default();
            told.push(format!("{place}{} {}", text(row, "reason"), fields.join("; ")));
        }
        token = text(&page, "nextPageToken");
        if token.is_empty() {
            return Ok(told);
        }
    }
}
