//! What a field of each kind cannot be.

use serde::Serialize;
use serde_json::{Value, json};

use super::kind::Kind;

/// Where the answer must find the fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    Here,
    /// Here, or in what is here.
    Inside,
    /// Here, unless the field may be absent.
    Empty,
    /// Here, or nowhere: what is meant is as good as not there.
    Hidden,
}

/// Values of other types, and texts that are none of what a text may stand for here.
pub(super) fn types(kind: &Kind) -> Vec<Value> {
    match kind {
        Kind::Text => vec![json!(7), json!({}), json!([]), json!(true)],
        Kind::Bytes => vec![json!("*"), json!(7), json!({})],
        Kind::Long { signed } => {
            let mut wrong = vec![
                json!("abc"),
                json!("1.5"),
                json!("0.99999999999999999999999"),
                json!(1.5),
                json!(1e300),
                json!({}),
                json!(""),
            ];
            wrong.extend(if *signed {
                [json!("9223372036854775808"), json!("-9223372036854775809")]
            } else {
                [json!("18446744073709551616"), json!("-1")]
            });
            wrong
        }
        Kind::Integer { signed } => {
            let mut wrong = vec![json!("abc"), json!(1.5), json!(1e300), json!([]), json!(true)];
            wrong.extend(if *signed {
                [json!(2_147_483_648_i64), json!(-2_147_483_649_i64)]
            } else {
                [json!(4_294_967_296_i64), json!(-1)]
            });
            wrong
        }
        Kind::Number => vec![json!("abc"), json!({}), json!(true), json!("1e999")],
        Kind::Flag => vec![json!("maybe"), json!(1), json!({})],
        Kind::Choice(_) => vec![json!("NO_SUCH_CHOICE"), json!(99), json!(1.5), json!({}), json!(4_294_967_296_i64)],
        Kind::Time => vec![json!("yesterday"), json!(7), json!("2026-13-01T00:00:00Z")],
        Kind::Duration => vec![json!("soon"), json!(7), json!("315576000001s")],
        Kind::List(_) => vec![json!(7), json!("text"), json!({})],
        Kind::Map(_) | Kind::Object(_) | Kind::Free | Kind::Any => vec![json!(7), json!("text"), json!([1])],
        Kind::Null => vec![json!("text"), json!({})],
        Kind::Anything => Vec::new(),
    }
}

/// Values of the right type that are nothing that a service takes: what each is called, and where it must be found.
pub(super) fn values(kind: &Kind, value: Option<&Value>, theirs: Option<Value>) -> Vec<(&'static str, Value, Found)> {
    match kind {
        Kind::Text => text(value, theirs),
        Kind::Bytes => vec![("nothing in it", json!(""), Found::Empty)],
        Kind::Long { signed: true } => numbers([
            ("nought", "0"),
            ("minus one", "-1"),
            ("the largest number", &i64::MAX.to_string()),
            ("the smallest number", &i64::MIN.to_string()),
        ]),
        Kind::Long { signed: false } => numbers([("nought", "0"), ("the largest number", &u64::MAX.to_string())]),
        Kind::Integer { signed: true } => numbers([
            ("nought", 0),
            ("minus one", -1),
            ("the largest number", i32::MAX),
            ("the smallest number", i32::MIN),
        ]),
        Kind::Integer { signed: false } => numbers([("nought", 0), ("the largest number", u32::MAX)]),
        Kind::Number => numbers([
            ("nought", 0.0),
            ("minus one", -1.0),
            ("the largest number", f64::MAX),
            ("the smallest number", f64::MIN),
        ]),
        Kind::Choice(names) => vec![("no choice", json!(names.first()), Found::Empty)],
        Kind::Time => vec![
            ("a time long ago", json!("0001-01-01T00:00:00Z"), Found::Here),
            ("a time far off", json!("9999-12-31T23:59:59Z"), Found::Here),
        ],
        Kind::Duration => vec![
            ("a negative time", json!("-1s"), Found::Here),
            ("ten thousand years", json!("315576000000s"), Found::Here),
            ("no time", json!("0s"), Found::Here),
        ],
        Kind::List(_) => {
            let first = value.and_then(|value| value.get(0));
            let many = first.map(|first| ("too many", many(first), Found::Inside));
            many.into_iter().chain([("nothing in it", json!([]), Found::Empty)]).collect()
        }
        Kind::Flag | Kind::Map(_) | Kind::Object(_) | Kind::Free | Kind::Any | Kind::Null | Kind::Anything => Vec::new(),
    }
}

fn numbers<T: Serialize, const N: usize>(ends: [(&'static str, T); N]) -> Vec<(&'static str, Value, Found)> {
    let found = |what| if what == "nought" { Found::Empty } else { Found::Here };
    ends.iter().map(|(what, end)| (*what, json!(end), found(*what))).collect()
}

fn text(value: Option<&Value>, theirs: Option<Value>) -> Vec<(&'static str, Value, Found)> {
    let mut wrong = vec![
        ("a long text", json!("x".repeat(100_000)), Found::Here),
        ("a control character", json!("a\u{0}b"), Found::Here),
        ("an empty text", json!(""), Found::Empty),
    ];
    if let Some(id) = value.and_then(Value::as_str).filter(|text| is_id(text)) {
        wrong.push(("no id", json!("zzz"), Found::Here));
        wrong.push(("an id of another kind", json!(of_another_kind(id)), Found::Here));
        wrong.push(("an id of nothing", json!(nobodys(id)), Found::Hidden));
        let theirs = theirs.filter(|theirs| theirs.as_str().is_some_and(|theirs| theirs != id && is_id(theirs)));
        wrong.extend(theirs.map(|theirs| ("an id of somebody else's", theirs, Found::Hidden)));
    }
    wrong
}

/// More elements than any list may have, as far as a body takes them.
fn many(element: &Value) -> Value {
    let fit = 900_000 / element.to_string().len();
    json!(vec![element; fit.min(3_000)])
}

/// Whether a text looks like `ord_01h455vb4pex5vsknk084sn02q`.
pub(super) fn is_id(text: &str) -> bool {
    let suffix = text.get(3..).and_then(|rest| rest.strip_prefix('_'));
    suffix.is_some_and(|suffix| suffix.len() == 26 && suffix.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()))
}

/// The same number of another kind of thing.
pub(super) fn of_another_kind(id: &str) -> String {
    let other = if id.starts_with("ord") { "pay" } else { "ord" };
    format!("{other}{}", &id[3..])
}

/// An id of the same kind that nobody ever got.
pub(super) fn nobodys(id: &str) -> String {
    format!("{}_01h455vb4pex5vsknk084sn02q", &id[..3])
}
