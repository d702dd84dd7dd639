//! The benchmark: the stack in its own folder, driven through the gateway as clients would, every figure from one run.

mod checkouts;
mod goods;
mod hot;
mod load;
mod market;
mod processes;
mod reads;
mod report;
mod searches;
mod stack;
mod wire;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, Result, anyhow};

use self::{market::Market, processes::of_ours, stack::Stack};
pub(crate) use self::{report::Report, stack::Database};
use crate::{interrupt::Interrupt, output::say};

/// How many buyers drive the stack at most.
pub(crate) const BUYERS: usize = 64;

/// Measures everything on these databases and writes the figures to `file`. Whoever interrupts it gets no figures, and finds nothing left of
/// the stack.
pub(crate) async fn run(databases: &[Database], time: Duration, products: &[PathBuf], file: &Path) -> Result<()> {
    let mut report = Report::default();
    let mut interrupt = Interrupt::listen()?;
    stack::tell_settings();
    for &database in databases {
        say(format_args!("== {} ==", database.name()));
        let mut stack = Stack::start(database).await?;
        let measured = tokio::select! {
            measured = measure(&stack, database, time, products, &mut report) => measured,
            () = interrupt.wait() => Err(anyhow!("interrupted")),
        };
        stack.end().await;
        measured?;
    }
    report.tell();
    report.write(file)
}

async fn measure(stack: &Stack, database: Database, time: Duration, products: &[PathBuf], report: &mut Report) -> Result<()> {
    let db = database.name();
    let main = database == Database::Postgres;
    if main {
        report.add("start.ready_s", stack.ready_after.as_secs_f64());
        tokio::time::sleep(Duration::from_secs(3)).await;
        let resident_mb = stack.processes.resident_mb()?;
        tell_memory("idle.rss_mb", &resident_mb, report);
        report.add("idle.rss_mb.with_servers", resident_mb.values().sum());
        report.add("idle.pss_mb", of_ours(&stack.processes.proportional_mb()?));
    }
    say("filling the market");
    let market = Market::open(stack).await?;
    for (buyers, zipf) in [(1, false), (1, true), (16, false), (16, true), (64, true), (BUYERS, false)] {
        let run = checkouts::run(stack, &market, buyers, zipf, time).await?;
        let name = format!("checkout.{db}.c{buyers}{}", if zipf { "_zipf" } else { "" });
        report.add(&format!("{name}.orders_per_s"), run.load.per_second());
        report.add(&format!("{name}.p50_ms"), run.load.percentile_ms(0.50));
        report.add(&format!("{name}.p99_ms"), run.load.percentile_ms(0.99));
        report.add(&format!("{name}.cpu_s_per_order"), run.cpu_s_per_order.values().sum());
        for (process, cpu_s) in &run.cpu_s_per_order {
            report.add(&format!("{name}.cpu_ms.{process}"), cpu_s * 1_000.0);
        }
        if main && buyers == BUYERS && !zipf {
            tell_memory("load.rss_mb", &run.resident_mb, report);
        }
        if let Some(rows) = run.rows_per_order {
            report.add(&format!("{name}.rows_per_order"), rows);
        }
    }
    report.add(
        &format!("ledger.{db}.transfers_per_s"),
        reads::transfers(stack, &market, time).await?.per_second(),
    );
    if main {
        report.add("product_read.per_s", reads::products(stack, &market, time).await?.per_second());
        report.add("product_list.per_s", reads::lists(stack, &market, time).await?.per_second());
        searches::measure(stack, &market, products, time, report).await?;
        report.add("hot_sku.full.sold", hot::full(stack, &market).await? as f64);
        report.add("hot_sku.last.sold", hot::last(stack, &market).await? as f64);
        let rows = report.get(&format!("checkout.postgres.c{BUYERS}.rows_per_order"));
        let rows = rows.context("PostgreSQL did not say how many rows a checkout writes")?;
        report.add("limit.postgres.commits_per_s", stack.pgbench(rows.round() as u32).await?);
    }
    Ok(())
}

/// Ours together, then each process by itself.
fn tell_memory(name: &str, memory_mb: &BTreeMap<String, f64>, report: &mut Report) {
    report.add(name, of_ours(memory_mb));
    for (process, mb) in memory_mb {
        report.add(&format!("{name}.{process}"), *mb);
    }
}
