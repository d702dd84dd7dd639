//! Products from files (Icecat's, one JSON object a line, gzipped or not) into a store of their own, through the catalog's bulk import. Whoever is
//! interrupted goes on with the next row; whoever imports again changes what the files say differently by now, and nothing else.

mod icecat;

use std::path::PathBuf;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use self::icecat::Rows;
use crate::client::{Client, Person, number, text};

/// Who sells what is imported.
const SELLER: &str = "import@tradewind.example";

/// How many rows one request carries.
const ROWS: usize = 200;

/// What became of the rows.
pub(crate) struct Imported {
    pub(crate) listed: i64,
    pub(crate) changed: i64,
    pub(crate) unchanged: i64,
    pub(crate) rejected: Vec<String>,
    /// Article numbers (EAN) that are none, and were left out of their rows.
    pub(crate) without_gtin: usize,
}

/// How many rows the files have.
pub(crate) fn count(files: &[PathBuf]) -> Result<u64> {
    icecat::count(files)
}

/// The titles of all products of the files.
pub(crate) fn titles(files: &[PathBuf]) -> Result<Vec<String>> {
    Rows::of(files)?.map(|row| Ok(text(&row?, "title"))).collect()
}

/// Imports every row of the files in their order, telling after each request how many were received.
pub(crate) async fn products(gateway: &Client, files: &[PathBuf], told: impl Fn(u64)) -> Result<Imported> {
    let seller = Person::join(gateway, SELLER, "Tradewind import", "NL").await?;
    let names: Vec<String> = files
        .iter()
        .filter_map(|file| Some(file.file_name()?.to_string_lossy().into_owned()))
        .collect();
    let store = text(&seller.open_store("Tradewind import", "NL", "USD").await?, "id");
    let (name, id) = open(&seller, &store, &format!("Import of {}", names.join(", "))).await?;
    let path = format!("/v1/imports/{id}");

    // The first answer comes again for the same key, so where the import stands is asked for.
    let mut received = number(&seller.client.get(&path).await?, "received");
    let mut rows = Rows::of(files)?;
    let skipped = rows.by_ref().take(usize::try_from(received)?).filter_map(Result::err).next();
    if let Some(error) = skipped {
        return Err(error);
    }
    loop {
        let mut batch = rows.by_ref().take(ROWS).collect::<Result<Vec<Value>>>()?;
        if batch.is_empty() {
            break;
        }
        for row in &mut batch {
            row["storeId"] = json!(store);
        }
        let key = format!("{name} from {received}");
        let body = json!({ "firstRow": received.to_string(), "rows": batch });
        let import = seller
            .client
            .post(&format!("{path}:addRows"), &key, body)
            .await
            .with_context(|| format!("rows from {received} on"))?;
        received = number(&import, "received");
        told(received.unsigned_abs());
    }
    seller
        .client
        .post(&format!("{path}:complete"), &format!("{name} is complete"), json!({}))
        .await?;
    let import = seller.client.get(&path).await?;
    Ok(Imported {
        listed: number(&import, "listed"),
        changed: number(&import, "changed"),
        unchanged: number(&import, "unchanged"),
        rejected: rejected(&seller, &path).await?,
        without_gtin: rows.without_gtin,
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

/// Each rejected row, with why.
async fn rejected(seller: &Person, path: &str) -> Result<Vec<String>> {
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
            told.push(format!("row {}: {} {}", number(row, "row"), text(row, "reason"), fields.join("; ")));
        }
        token = text(&page, "nextPageToken");
        if token.is_empty() {
            return Ok(told);
        }
    }
}
