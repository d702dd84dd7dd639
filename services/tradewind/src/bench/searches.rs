//! Searches over products of files: how fast they are imported, how soon they are found, and how many searches a second there are then.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};
use rand::{Rng, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use serde_json::Value;

use super::{Report, market::Market, reads, stack::Stack};
use crate::import::{self, Source};

/// How many different queries are asked, none more often than another.
const QUERIES: usize = 5_000;

/// How long it may take until the last product is found.
const FOUND_WITHIN: Duration = Duration::from_secs(60);

/// Imports the files and searches them.
pub(crate) async fn measure(stack: &Stack, market: &Market, files: &[PathBuf], time: Duration, report: &mut Report) -> Result<()> {
    println!("importing products to search");
    let source = Source::of(files.to_vec())?;
    let before = found(market).await?;
    let started = Instant::now();
    let imported = import::products(&market.gateway, &source, |_| {}).await?;
    let took = started.elapsed();
    report.add("import.products_per_s", imported.listed as f64 / took.as_secs_f64());
    while found(market).await? < before + imported.listed {
        ensure!(
            started.elapsed() < took + FOUND_WITHIN,
            "what was imported a minute ago is not found"
        );
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    report.add("import.found_after_s", (started.elapsed() - took).as_secs_f64());

    let before = stack.processes.cpu_s()?;
    let load = reads::searches(stack, &queries(&source.titles()?), time).await?;
    report.add("search.per_s", load.per_second());
    report.add("search.p50_ms", load.percentile_ms(0.50));
    report.add("search.p99_ms", load.percentile_ms(0.99));
    for (process, cpu_s) in load.cpu_s_each(&before, stack.processes.cpu_s()?) {
        if cpu_s > 0.0 {
            report.add(&format!("search.cpu_ms.{process}"), cpu_s * 1_000.0);
        }
    }
    Ok(())
}

/// How many products a search without words finds.
async fn found(market: &Market) -> Result<i64> {
    let all = market.gateway.get("/v1/products:search?pageSize=1").await?;
    let total = all.get("totalSize").and_then(Value::as_str);
    Ok(total.map_or(Ok(0), str::parse)?)
}

/// One to four neighbouring words of the titles of products, as people type them who look for one: some are rare, and many share their words.
fn queries(titles: &[String]) -> Vec<String> {
    let mut chance = StdRng::seed_from_u64(19_406);
    let words = |title: &String| -> Vec<String> {
        let words = title.split(|letter: char| !letter.is_ascii_alphanumeric());
        words.filter(|word| word.len() > 1).map(str::to_lowercase).collect()
    };
    let titles: Vec<Vec<String>> = titles.iter().map(words).filter(|words| !words.is_empty()).collect();
    let mut query = || {
        let words = titles.choose(&mut chance)?;
        let count = chance.random_range(1..=4).min(words.len());
        let first = chance.random_range(0..=words.len() - count);
        Some(words[first..first + count].join("%20"))
    };
    (0..QUERIES).map_while(|_| query()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_neighbouring_words_of_a_title_that_stand_in_a_path_as_they_are() {
        let titles = ["HP Pavilion 17\" (Notebook)".to_owned(), "®".to_owned()];
        let queries = queries(&titles);
        assert_eq!(queries.len(), QUERIES);
        assert!(queries.iter().all(|query| "hp%20pavilion%2017%20notebook".contains(query.as_str())));
        assert!(queries.iter().any(|query| query == "pavilion%2017"));
    }
}
