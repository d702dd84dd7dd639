//! What the tour looks like: chapters, what happens and why, requests and answers, and what was seen of
//! it. In colour on a terminal, plain elsewhere and where NO_COLOR is set.

use std::{
    fmt::Display,
    io::Write,
    sync::{Mutex, PoisonError},
};

use super::abridged::{self, Known};
use crate::{
    client::{Event, Exchange},
    output::printed,
};

const BOLD: &str = "\x1b[1m";
const DIM: &str = "\x1b[2m";
const RED: &str = "\x1b[31m";
const GREEN: &str = "\x1b[32m";
const YELLOW: &str = "\x1b[33m";
const CYAN: &str = "\x1b[36m";
const PLAIN: &str = "\x1b[0m";

/// How wide a heading is.
const WIDTH: usize = 110;

/// Whoever does not listen any more does not stop the story.
fn print(text: impl Display) {
    printed(writeln!(anstream::stdout().lock(), "{text}"));
}

/// A new chapter begins.
pub(super) fn chapter(number: usize, title: &str) {
    let rule = "━".repeat(WIDTH.saturating_sub(title.chars().count() + 8));
    print(format_args!("\n{BOLD}{YELLOW}━━ {number:>2}  {title} {rule}{PLAIN}"));
}

/// What comes after the last chapter.
pub(super) fn heading(title: &str) {
    let rule = "━".repeat(WIDTH.saturating_sub(title.chars().count() + 4));
    print(format_args!("\n{BOLD}{YELLOW}━━ {title} {rule}{PLAIN}"));
}

/// What happens now, and why.
pub(super) fn happens(text: impl Display) {
    print(format_args!("\n{BOLD}{text}{PLAIN}"));
}

/// What was claimed, and turned out to be so.
pub(super) fn seen(text: impl Display) {
    print(format_args!("  {GREEN}✓{PLAIN} {text}"));
}

/// A line of the summary.
pub(super) fn line(text: impl Display) {
    print(format_args!("  {text}"));
}

/// Somebody asked, and was answered. What the audience knows already is not told again.
pub(super) fn exchange(speaker: &str, exchange: &Exchange, known: &Mutex<Known>) {
    let status = exchange.status;
    let colour = if status.is_success() { GREEN } else { RED };
    let request = format!("{CYAN}{speaker}{PLAIN}  {BOLD}{}{PLAIN} {}", exchange.method, exchange.path);
    let answer = format!(
        "{colour}{} {}{PLAIN}",
        status.as_u16(),
        status.canonical_reason().unwrap_or_default()
    );
    let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
    // One call to print: two people may speak at once.
    let mut text = format!("\n  {request}");
    for line in exchange.body.iter().flat_map(|body| abridged::request(body)) {
        text.push_str(&format!("\n      {line}"));
    }
    text.push_str(&format!("\n  {answer}"));
    for line in abridged::answer(&exchange.answer, &mut known) {
        text.push_str(&format!("\n      {DIM}{line}{PLAIN}"));
    }
    print(format_args!("{text}"));
}

/// Somebody heard an event of a live stream.
pub(super) fn heard(listener: &str, event: &Event, known: &Mutex<Known>) {
    let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
    let mut text = format!("\n  {CYAN}{listener}{PLAIN}  {BOLD}hears{PLAIN} {} {}", event.name, event.id);
    for line in abridged::answer(&event.data.to_string(), &mut known) {
        text.push_str(&format!("\n      {DIM}{line}{PLAIN}"));
    }
    print(format_args!("{text}"));
}
