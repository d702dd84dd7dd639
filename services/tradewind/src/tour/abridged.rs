//! JSON for people: indented, what is short on one line, what is long cut short, and no secrets.

use serde_json::Value;

/// A value that fits into so many characters stands on one line.
const WIDTH: usize = 96;

/// Longer texts are cut.
const LONGEST_TEXT: usize = 72;

/// Longer lists are cut.
const LONGEST_LIST: usize = 6;

/// Longer documents are cut.
const MOST_LINES: usize = 40;

/// Fields that nobody shall read over a shoulder.
const SECRET: [&str; 3] = ["password", "accessToken", "refreshToken"];

/// A document, line by line; nothing for an empty one.
pub(super) fn lines(document: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    if *document != Value::Object(serde_json::Map::new()) {
        write(&mut lines, 0, "", &shortened(document), "");
    }
    if lines.len() > MOST_LINES {
        let more = lines.len() - MOST_LINES + 1;
        lines.truncate(MOST_LINES - 1);
        lines.push(format!("… {more} more lines"));
    }
    lines
}

/// The same with long texts and lists cut, and secrets covered.
fn shortened(value: &Value) -> Value {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        Value::String(text) => Value::String(cut(text)),
        Value::Array(items) => {
            let mut kept: Vec<Value> = items.iter().take(LONGEST_LIST).map(shortened).collect();
            if items.len() > LONGEST_LIST {
                kept.push(Value::String(format!("… {} more", items.len() - LONGEST_LIST)));
            }
            Value::Array(kept)
        }
        Value::Object(members) => {
            let member = |(name, value): (&String, &Value)| {
                let covered = SECRET.contains(&name.as_str());
                (
                    name.clone(),
                    if covered {
                        Value::String("•••".to_owned())
                    } else {
                        shortened(value)
                    },
                )
            };
            Value::Object(members.iter().map(member).collect())
        }
    }
}

fn cut(text: &str) -> String {
    if text.chars().count() <= LONGEST_TEXT {
        return text.to_owned();
    }
    text.chars().take(LONGEST_TEXT - 1).chain(['…']).collect()
}

fn write(lines: &mut Vec<String>, depth: usize, name: &str, value: &Value, comma: &str) {
    let indent = "  ".repeat(depth);
    let short = format!("{indent}{name}{}{comma}", on_one_line(value));
    let (open, close) = match value {
        Value::Object(members) if short.chars().count() > WIDTH || (depth == 0 && members.len() > 3) => ('{', '}'),
        Value::Array(_) if short.chars().count() > WIDTH => ('[', ']'),
        Value::Object(_) | Value::Array(_) | Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            lines.push(short);
            return;
        }
    };
    lines.push(format!("{indent}{name}{open}"));
    let children = children(value);
    let last = children.len() - 1;
    for (place, (name, child)) in children.into_iter().enumerate() {
        let name = name.map_or_else(String::new, |name| format!("\"{name}\": "));
        write(lines, depth + 1, &name, child, if place == last { "" } else { "," });
    }
    lines.push(format!("{indent}{close}{comma}"));
}

fn children(value: &Value) -> Vec<(Option<&str>, &Value)> {
    match value {
        Value::Object(members) => members.iter().map(|(name, value)| (Some(name.as_str()), value)).collect(),
        Value::Array(items) => items.iter().map(|item| (None, item)).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}

fn on_one_line(value: &Value) -> String {
    let listed = || {
        let children = children(value).into_iter().map(|(name, child)| {
            let name = name.map_or_else(String::new, |name| format!("\"{name}\": "));
            format!("{name}{}", on_one_line(child))
        });
        children.collect::<Vec<_>>().join(", ")
    };
    match value {
        Value::Object(members) if members.is_empty() => "{}".to_owned(),
        Value::Object(_) => format!("{{ {} }}", listed()),
        Value::Array(_) => format!("[{}]", listed()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_short_stands_on_one_line() {
        let order = json!({ "id": "ord_1", "total": { "minorUnits": "5", "currency": "USD" } });
        assert_eq!(
            lines(&order),
            [r#"{ "id": "ord_1", "total": { "currency": "USD", "minorUnits": "5" } }"#]
        );
        assert_eq!(lines(&json!({})), Vec::<String>::new());
    }

    #[test]
    fn what_is_long_is_indented_and_still_the_same_document() {
        let document = json!({ "a": "x".repeat(50), "b": ["y".repeat(50), { "c": 1 }], "d": true, "e": null });
        let lines = lines(&document);
        assert_eq!((lines[0].as_str(), lines[1].starts_with("  \"a\": ")), ("{", true));
        assert_eq!(serde_json::from_str::<Value>(&lines.join("\n")).unwrap(), document);
    }

    #[test]
    fn what_is_very_long_is_cut_and_says_so() {
        let lists = lines(&json!({ "numbers": (0..50).collect::<Vec<_>>() }));
        assert!(lists[0].contains("5, \"… 44 more\""), "{lists:?}");
        let texts = lines(&json!("z".repeat(100)));
        assert_eq!(texts[0].chars().count(), LONGEST_TEXT + 2);
        let members: serde_json::Map<String, Value> = (0..100).map(|number| (format!("field{number}"), json!(number))).collect();
        let long = lines(&Value::Object(members));
        assert_eq!((long.len(), long.last().unwrap().as_str()), (MOST_LINES, "… 63 more lines"));
    }

    #[test]
    fn secrets_are_covered() {
        let text = lines(&json!({ "accessToken": "eyJ", "password": "trade winds", "of": [{ "refreshToken": "abc" }] })).join("");
        assert!(!text.contains("eyJ") && !text.contains("winds") && !text.contains("abc"), "{text}");
    }
}
