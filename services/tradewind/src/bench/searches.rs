//! Searches over products of files: how fast they are imported, how soon they are found, and how many searches a second there are then.

use std::{
    collections::BTreeSet,
    path::PathBuf,
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};
use rand::{SeedableRng, rngs::StdRng, seq::SliceRandom};
use serde_json::Value;
use tempfile::NamedTempFile;

use super::{
    Report, goods,
    market::Market,
    reads::{self, Order},
    stack::Stack,
};
use crate::{
    import::{self, Source},
    output::say,
};

/// How many queries come again and again where the answers may be remembered.
const USUAL: usize = 5_000;

/// How long it may take until the last product is found.
const FOUND_WITHIN: Duration = Duration::from_secs(60);

/// Imports the files, or products of our own where there are none, and searches them.
pub(crate) async fn measure(stack: &Stack, market: &Market, files: &[PathBuf], time: Duration, report: &mut Report) -> Result<()> {
    say("importing products to search");
    let mut own = NamedTempFile::with_suffix(".jsonl")?;
    let source = if files.is_empty() {
        say("no files of products are given: made-up ones are imported");
        goods::write(own.as_file_mut())?;
        Source::of(vec![own.path().to_owned()])?
    } else {
        Source::of(files.to_vec())?
    };
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
    let queries = queries(&source.titles()?);
    let load = reads::searches(stack, &queries, Order::Turn, time).await?;
    report.add("search.per_s", load.per_second());
    report.add("search.p50_ms", load.percentile_ms(0.50));
    report.add("search.p99_ms", load.percentile_ms(0.99));
    for (process, cpu_s) in load.cpu_s_each(&before, stack.processes.cpu_s()?) {
        if cpu_s > 0.0 {
            report.add(&format!("search.cpu_ms.{process}"), cpu_s * 1_000.0);
        }
    }
    report.add("search.different", queries.len() as f64);
    let usual = &queries[..USUAL.min(queries.len())];
    let again = reads::searches(stack, usual, Order::Chance, time).await?;
    report.add("search.cached_per_s", again.per_second());
    Ok(())
}

/// How many products a search without words finds.
async fn found(market: &Market) -> Result<i64> {
    let all = market.gateway.get("/v1/products:search?pageSize=1").await?;
    let total = all.get("totalSize").and_then(Value::as_str);
    Ok(total.map_or(Ok(0), str::parse)?)
}

/// Every run of one to four neighbouring words of the titles of products, once, as people type them who look for one: some are rare, and
/// many share their words. In an order by chance.
fn queries(titles: &[String]) -> Vec<String> {
    let mut queries = BTreeSet::new();
    for title in titles {
        let words = title.split(|letter: char| !letter.is_ascii_alphanumeric());
        let words: Vec<String> = words.filter(|word| word.len() > 1).map(str::to_lowercase).collect();
        for count in 1..=4 {
            queries.extend(words.windows(count).map(|words| words.join("%20")));
        }
    }
    let mut queries: Vec<String> = queries.into_iter().collect();
    queries.shuffle(&mut StdRng::seed_from_u64(19_406));
    queries
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_neighbouring_words_of_a_title_that_stand_in_a_path_as_they_are_none_twice() {
        let titles = ["HP Pavilion 17\" (Notebook)".to_owned(), "®".to_owned(), "HP 17".to_owned()];
        let mut queries = queries(&titles);
        queries.sort_unstable();
        let long = ["hp%20pavilion%2017%20notebook", "hp%20pavilion%2017", "pavilion%2017%20notebook"];
        let short = [
            "hp%20pavilion",
            "pavilion%2017",
            "17%20notebook",
            "hp%2017",
            "hp",
            "pavilion",
            "17",
            "notebook",
        ];
        let mut wanted = [&long[..], &short[..]].concat();
        wanted.sort_unstable();
        assert_eq!(queries, wanted);
    }
}
