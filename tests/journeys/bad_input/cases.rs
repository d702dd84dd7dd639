//! What can be wrong with a request of an operation: one thing at a time.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::document::{Body, Field, Kind, Operation};

const JSON: &str = "application/json";

/// An id of no kind.
const GARBAGE: &str = "zzz";

/// A request with something wrong in it, and how it must be answered.
pub(super) struct Case {
    pub(super) method: Method,
    pub(super) path: String,
    /// With its content type.
    pub(super) body: Option<(&'static str, Vec<u8>)>,
    pub(super) wanted: Wanted,
}

#[derive(Debug)]
pub(super) enum Wanted {
    /// Nothing may come of it, whatever the answer says.
    Harmless,
    /// Any refusal.
    Refusal,
    Status(StatusCode),
    /// A refusal that names these fields.
    Fields(Vec<String>),
}

impl Operation {
    /// Everything that is tried on it.
    pub(super) fn cases(&self) -> Vec<Case> {
        let mut cases = self.of_the_path();
        cases.extend(self.of_the_query());
        match &self.body {
            Some(Body::Json { fields, required }) => {
                cases.extend(self.of_no_json());
                if !required.is_empty() {
                    cases.push(self.with_json(&json!({}), Wanted::Fields(required.clone())));
                }
                cases.push(self.with_json(&json!({ "noSuchField": 1 }), Wanted::Fields(vec!["noSuchField".to_owned()])));
                for (place, value, must_be_named) in wrong_fields(fields) {
                    let wanted = if must_be_named {
                        Wanted::Fields(vec![place])
                    } else {
                        Wanted::Harmless
                    };
                    cases.push(self.with_json(&value, wanted));
                }
            }
            Some(Body::Bytes) => {
                for bytes in [&b""[..], b"{}", b"\xff\xfe", b"[1"] {
                    cases.push(self.case(self.garbage(), Some((JSON, bytes.to_vec())), Wanted::Refusal));
                }
            }
            None => {}
        }
        cases
    }

    /// Somebody without a token.
    pub(super) fn of_a_stranger(&self) -> Case {
        let body = self.body.is_some().then(|| (JSON, b"{}".to_vec()));
        self.case(self.garbage(), body, Wanted::Status(StatusCode::UNAUTHORIZED))
    }

    /// Ids of the wrong kind, of nobody, and none at all.
    fn of_the_path(&self) -> Vec<Case> {
        if !self.path.contains('{') {
            return Vec::new();
        }
        let ids = [
            "zz",
            "ord_00000000000000000000000000",
            "%00",
            "%ff",
            "-1",
            "%F0%9F%9A%A2",
            "..%2f..",
            "'%20OR%201=1",
        ];
        let long = "x".repeat(3_000);
        ids.into_iter()
            .chain([long.as_str()])
            .map(|id| {
                let body = self.body.is_some().then(|| (JSON, b"{}".to_vec()));
                self.case(self.path_with(id), body, Wanted::Refusal)
            })
            .collect()
    }

    fn of_the_query(&self) -> Vec<Case> {
        let body = || self.body.is_some().then(|| (JSON, b"{}".to_vec()));
        let with = |query: String, wanted| self.case(format!("{}?{query}", self.garbage()), body(), wanted);
        let mut cases = vec![with(
            "noSuchParameter=1".to_owned(),
            Wanted::Fields(vec!["noSuchParameter".to_owned()]),
        )];
        for field in &self.query {
            let wrong: &[&str] = match field.kind {
                Kind::Integer => &["abc", "1.5", "99999999999", "-99999999999", ""],
                Kind::Long => &["abc", "1.5", "9223372036854775808", ""],
                Kind::Number => &["abc", ""],
                Kind::Flag => &["maybe", "2"],
                Kind::Choice => &["NO_SUCH_CHOICE"],
                Kind::Time => &["yesterday", "2026-13-01T00:00:00Z"],
                Kind::Duration => &["soon", "5"],
                Kind::Text | Kind::List(_) | Kind::Object(_) => &[],
            };
            for value in wrong {
                cases.push(with(format!("{}={value}", field.name), Wanted::Fields(vec![field.name.clone()])));
            }
            if field.name == "pageSize" || field.name == "pageToken" {
                // Only the service knows, which may find worse in a path.
                let named = Wanted::Fields(vec![field.name.clone()]);
                let wanted = if self.path.contains('{') { Wanted::Refusal } else { named };
                cases.push(with(format!("{}=-1", field.name), wanted));
            }
        }
        cases
    }

    /// Bodies that are not JSON, or no object, or too deep, or of another kind.
    fn of_no_json(&self) -> Vec<Case> {
        let deep = [b"[".repeat(100_000), b"]".repeat(100_000)].concat();
        let bodies: [&[u8]; 11] = [
            b"{",
            b"nonsense",
            b"[]",
            b"7",
            b"\"text\"",
            b"{}{}",
            b"{\"a\":}",
            b"\xff\xfe{}",
            b"{\"a\":\"\\ud800\"}",
            b"{\"a\":01}",
            &deep,
        ];
        let mut cases: Vec<Case> = bodies
            .iter()
            .map(|body| self.case(self.garbage(), Some((JSON, body.to_vec())), Wanted::Refusal))
            .collect();
        // An empty body is an empty message, which some take.
        cases.push(self.case(self.garbage(), Some((JSON, Vec::new())), Wanted::Harmless));
        for kind in ["text/plain", "application/x-www-form-urlencoded", "application/xml"] {
            let wanted = Wanted::Status(StatusCode::UNSUPPORTED_MEDIA_TYPE);
            cases.push(self.case(self.garbage(), Some((kind, b"{}".to_vec())), wanted));
        }
        cases
    }

    fn with_json(&self, body: &Value, wanted: Wanted) -> Case {
        self.case(self.garbage(), Some((JSON, body.to_string().into_bytes())), wanted)
    }

    fn case(&self, path: String, body: Option<(&'static str, Vec<u8>)>, wanted: Wanted) -> Case {
        Case {
            method: self.method.clone(),
            path,
            body,
            wanted,
        }
    }

    fn garbage(&self) -> String {
        self.path_with(GARBAGE)
    }

    /// The path with this in the place of each variable.
    fn path_with(&self, value: &str) -> String {
        let mut path = String::new();
        for (number, part) in self.path.split(['{', '}']).enumerate() {
            path.push_str(match (number % 2, part) {
                (0, part) => part,
                // The one variable that chooses who hears the rest.
                (_, "service") if value == GARBAGE => "order",
                _ => value,
            });
        }
        path
    }
}

/// Bodies with one wrong field: where it is, the body, and whether the answer must name it.
fn wrong_fields(fields: &[Field]) -> Vec<(String, Value, bool)> {
    let mut wrong = Vec::new();
    for field in fields {
        for (place, value, must_be_named) in wrong_values(&field.kind) {
            wrong.push((
                format!("{}{place}", field.name),
                json!({ field.name.as_str(): value }),
                must_be_named,
            ));
        }
    }
    wrong
}

/// Wrong values of a kind: where in the value, the value, and whether the answer must name the place.
fn wrong_values(kind: &Kind) -> Vec<(String, Value, bool)> {
    let here = |values: &[Value]| values.iter().map(|value| (String::new(), value.clone(), true)).collect::<Vec<_>>();
    let mut wrong = match kind {
        Kind::Text => here(&[json!(7), json!({}), json!([]), json!(true)]),
        Kind::Long => here(&[
            json!("abc"),
            json!("1.5"),
            json!(1.5),
            json!("9223372036854775808"),
            json!(1e300),
            json!({}),
            json!(""),
        ]),
        Kind::Integer => here(&[
            json!("abc"),
            json!(1.5),
            json!(2_147_483_648_i64),
            json!(1e300),
            json!([]),
            json!(true),
        ]),
        Kind::Number => here(&[json!("abc"), json!({}), json!(true)]),
        Kind::Flag => here(&[json!("maybe"), json!(1), json!({})]),
        Kind::Choice => here(&[json!("NO_SUCH_CHOICE"), json!(1.5), json!({})]),
        Kind::Time => here(&[json!("yesterday"), json!(7), json!("2026-13-01T00:00:00Z")]),
        Kind::Duration => here(&[json!("soon"), json!(7)]),
        Kind::List(_) => here(&[json!(7), json!("text"), json!({})]),
        Kind::Object(_) => here(&[json!(7), json!("text"), json!([1])]),
    };
    // What only the service can know to be wrong: it may find something worse first.
    match kind {
        Kind::Text => {
            wrong.push((String::new(), json!("x".repeat(100_000)), false));
            wrong.push((String::new(), json!("\u{0}"), false));
            wrong.push((String::new(), json!(""), false));
        }
        Kind::Long => wrong.extend(
            [json!("-9223372036854775808"), json!("-1"), json!("0"), json!("9223372036854775807")]
                .map(|value| (String::new(), value, false)),
        ),
        Kind::Integer => wrong.extend([json!(-1), json!(0), json!(2_147_483_647)].map(|value| (String::new(), value, false))),
        Kind::List(item) => {
            wrong.extend(
                wrong_values(item)
                    .into_iter()
                    .map(|(place, value, must)| (format!("[0]{place}"), json!([value]), must)),
            );
            wrong.push((String::new(), json!([null]), false));
        }
        Kind::Object(fields) => {
            wrong.extend(
                wrong_fields(fields)
                    .into_iter()
                    .map(|(place, value, must)| (format!(".{place}"), value, must)),
            );
            wrong.push((".noSuchField".to_owned(), json!({ "noSuchField": 1 }), !fields.is_empty()));
        }
        Kind::Number | Kind::Flag | Kind::Choice | Kind::Time | Kind::Duration => {}
    }
    wrong
}
