//! JSON for people: as much on a line as fits, what is long cut short, what was shown before not shown again, and no secrets.

use std::collections::HashMap;

use serde_json::Value;

use super::document::Document;

/// How wide a line may become.
const WIDTH: usize = 100;

/// Longer texts are cut.
const LONGEST_TEXT: usize = 80;

/// Longer lists are cut.
const LONGEST_LIST: usize = 6;

/// Longer documents are cut.
const MOST_LINES: usize = 60;

/// Fields that nobody shall read over a shoulder.
const SECRET: [&str; 3] = ["password", "accessToken", "refreshToken"];

/// What an object says in place of what it said before.
const AS_BEFORE: (&str, &str) = ("…", "as before");

/// What was shown of everything that has an id.
#[derive(Debug, Default)]
pub(super) struct Known(HashMap<String, Vec<(String, Document)>>);

impl Known {
    /// The same document without what was shown of its objects before.
    fn news(&mut self, document: Document) -> Document {
        match document {
            Document::Object(members) => {
                let id = members.iter().find(|(name, _)| name == "id").map(|(_, id)| id.to_string());
                let before = id
                    .map(|id| self.0.insert(id, members.clone()).unwrap_or_default())
                    .unwrap_or_default();
                let count = members.len();
                let is_news = |member: &(String, Document)| member.0 == "id" || !before.contains(member);
                let mut news: Vec<_> = members
                    .into_iter()
                    .filter(is_news)
                    .map(|(name, value)| (name, self.news(value)))
                    .collect();
                if news.len() < count {
                    let (name, value) = AS_BEFORE;
                    news.push((name.to_owned(), text(value)));
                }
                Document::Object(news)
            }
            Document::List(items) => Document::List(items.into_iter().map(|item| self.news(item)).collect()),
            Document::Scalar(_) => document,
        }
    }
}

/// What is asked, line by line; nothing when there is nothing in it.
pub(super) fn request(text: &str) -> Vec<String> {
    lines(Document::read(text))
}

/// What is answered, line by line and without what is known; nothing when there is nothing in it.
pub(super) fn answer(text: &str, known: &mut Known) -> Vec<String> {
    lines(known.news(Document::read(text)))
}

fn lines(document: Document) -> Vec<String> {
    let document = shortened(document);
    if document == Document::Object(Vec::new()) {
        return Vec::new();
    }
    let mut lines = Vec::new();
    write(&mut lines, String::new(), &document, 0, "");
    if lines.len() > MOST_LINES {
        let more = lines.len() - MOST_LINES + 1;
        lines.truncate(MOST_LINES - 1);
        lines.push(format!("… {more} more lines"));
    }
    lines
}

/// The same with long texts and lists cut, and secrets covered.
fn shortened(document: Document) -> Document {
    match document {
        Document::Object(members) => {
            let member = |(name, value): (String, Document)| {
                let covered = SECRET.contains(&name.as_str());
                let value = if covered { text("•••") } else { shortened(value) };
                (name, value)
            };
            Document::Object(members.into_iter().map(member).collect())
        }
        Document::List(items) => {
            let more = items.len().saturating_sub(LONGEST_LIST);
            let mut kept: Vec<Document> = items.into_iter().take(LONGEST_LIST).map(shortened).collect();
            if more > 0 {
                kept.push(text(&format!("… {more} more")));
            }
            Document::List(kept)
        }
        Document::Scalar(Value::String(long)) if long.chars().count() > LONGEST_TEXT => {
            let cut: String = long.chars().take(LONGEST_TEXT - 1).chain(['…']).collect();
            text(&cut)
        }
        Document::Scalar(_) => document,
    }
}

fn text(text: &str) -> Document {
    Document::Scalar(text.into())
}

/// Writes a value behind what begins its line, and before what ends it; what it holds stands a step further in.
fn write(lines: &mut Vec<String>, begin: String, value: &Document, depth: usize, end: &str) {
    let whole = format!("{begin}{value}{end}");
    let children: Vec<(String, &Document)> = match value {
        _ if whole.chars().count() <= WIDTH => Vec::new(),
        Document::Object(members) => members.iter().map(|(name, value)| (format!("\"{name}\": "), value)).collect(),
        Document::List(items) => items.iter().map(|item| (String::new(), item)).collect(),
        Document::Scalar(_) => Vec::new(),
    };
    if children.is_empty() {
        lines.push(whole);
        return;
    }
    let (open, close) = if matches!(value, Document::List(_)) {
        ('[', ']')
    } else {
        ('{', '}')
    };
    lines.push(format!("{begin}{open}"));
    let indent = "  ".repeat(depth + 1);
    let last = children.len() - 1;
    // Whether the line before still takes something.
    let mut open_line = false;
    for (place, (name, child)) in children.into_iter().enumerate() {
        let comma = if place == last { "" } else { "," };
        let short = format!("{name}{child}{comma}");
        let room = lines.last().map_or(0, |line| WIDTH.saturating_sub(line.chars().count() + 1));
        if open_line && short.chars().count() <= room {
            let line = lines.last_mut().expect("an open line is a line");
            line.push(' ');
            line.push_str(&short);
        } else {
            let before = lines.len();
            write(lines, format!("{indent}{name}"), child, depth + 1, comma);
            open_line = lines.len() == before + 1;
        }
    }
    lines.push(format!("{}{close}{end}", "  ".repeat(depth)));
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_short_stands_on_one_line() {
        let order = r#"{ "total": { "minorUnits": "5", "currency": "USD" }, "id": "ord_1" }"#;
        assert_eq!(request(order), [order]);
        assert_eq!(request("{}"), Vec::<String>::new());
    }

    #[test]
    fn what_is_long_is_indented_and_still_the_same_document() {
        let long = "x".repeat(60);
        let document = json!({ "a": long, "b": [long, { "c": 1, "d": long }], "e": true, "f": null });
        let lines = request(&document.to_string());
        let first = format!("  \"a\": \"{long}\",");
        assert_eq!(
            (lines[0].as_str(), lines[1].as_str(), lines[2].as_str()),
            ("{", first.as_str(), "  \"b\": [")
        );
        assert_eq!(lines[lines.len() - 2], r#"  "e": true, "f": null"#);
        assert!(lines.iter().all(|line| line.chars().count() <= WIDTH), "{lines:?}");
        assert_eq!(serde_json::from_str::<Value>(&lines.join("\n")).unwrap(), document);
    }

    #[test]
    fn what_is_very_long_is_cut_and_says_so() {
        let numbers: Vec<i32> = (0..50).collect();
        let list = request(&json!({ "numbers": numbers }).to_string());
        assert!(list[0].contains("5, \"… 44 more\""), "{list:?}");
        let text = request(&json!("z".repeat(100)).to_string());
        assert_eq!(text[0].chars().count(), LONGEST_TEXT + 2);
        let members: serde_json::Map<String, Value> = (0..100).map(|number| (format!("field{number}"), json!("y".repeat(60)))).collect();
        let long = request(&Value::Object(members).to_string());
        assert_eq!((long.len(), long.last().unwrap().as_str()), (MOST_LINES, "… 43 more lines"));
    }

    #[test]
    fn what_was_shown_before_is_not_shown_again() {
        let mut known = Known::default();
        let placed = r#"{ "id": "ord_1", "state": "PLACED", "lines": [{ "sku": "A" }] }"#;
        assert_eq!(answer(placed, &mut known), [placed]);
        let paid = r#"{ "orders": [{ "id": "ord_1", "state": "PAID", "lines": [{ "sku": "A" }] }, { "id": "ord_2" }] }"#;
        let news = r#"{ "orders": [{ "id": "ord_1", "state": "PAID", "…": "as before" }, { "id": "ord_2" }] }"#;
        assert_eq!(answer(paid, &mut known), [news]);
        assert_eq!(
            answer(placed, &mut known)[0],
            r#"{ "id": "ord_1", "state": "PLACED", "…": "as before" }"#
        );
    }

    #[test]
    fn secrets_are_covered() {
        let text = request(r#"{ "accessToken": "eyJ", "password": "trade winds", "of": [{ "refreshToken": "abc" }] }"#).join("");
        assert!(!text.contains("eyJ") && !text.contains("winds") && !text.contains("abc"), "{text}");
    }
}
