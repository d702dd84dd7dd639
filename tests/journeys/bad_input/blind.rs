//! What can be wrong with a request whatever the market holds: its path, its query, a body that is no JSON or says nothing.

use reqwest::StatusCode;
use serde_json::json;

use super::{
    case::{Case, Wanted},
    document::{Body, Operation},
    kind::{Field, Kind},
};

const JSON: &str = "application/json";

/// An id of no kind.
const GARBAGE: &str = "zzz";

impl Operation {
    /// Everything that is tried on it.
    pub(super) fn blind(&self) -> Vec<Case> {
        let mut cases = self.of_the_path();
        cases.extend(self.of_the_query());
        match &self.body {
            Some(Body::Json { fields }) => {
                cases.extend(self.of_no_json());
                let required: Vec<String> = fields
                    .iter()
                    .filter(|field| field.required)
                    .map(|field| field.name.clone())
                    .collect();
                if !required.is_empty() {
                    cases.push(self.case("nothing", self.garbage(), Wanted::Named(required)).json(&json!({})));
                }
                let unknown = Wanted::Named(vec!["noSuchField".to_owned()]);
                let body = json!({ "noSuchField": 1 });
                cases.push(self.case("an unknown field", self.garbage(), unknown).json(&body));
            }
            Some(Body::Bytes) => {
                for bytes in [&b""[..], b"{}", b"\xff\xfe", b"[1"] {
                    let case = self.case("bytes that nobody signed", self.garbage(), Wanted::Refusal);
                    cases.push(with_body(case, JSON, bytes));
                }
            }
            None => {}
        }
        cases
    }

    /// Somebody without a token, if one is needed, or with one that is none, if one is looked at.
    pub(super) fn of_a_stranger(&self) -> Vec<Case> {
        let case = |what| self.case(what, self.garbage(), Wanted::Status(StatusCode::UNAUTHORIZED));
        let mut cases = Vec::new();
        cases.extend(self.security.is_some().then(|| case("no token")));
        cases.extend(self.takes_token.then(|| Case {
            token: Some("x.y.z".to_owned()),
            ..case("a strange token")
        }));
        cases
    }

    /// Ids of the wrong kind, of nobody, and none at all.
    fn of_the_path(&self) -> Vec<Case> {
        if self.variables().next().is_none() {
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
        let ids = ids.into_iter().chain([long.as_str()]);
        ids.map(|id| self.case("a strange id", self.path_of(|_| id), Wanted::Refusal))
            .collect()
    }

    fn of_the_query(&self) -> Vec<Case> {
        let with = |query: String, wanted| self.case("a strange query", format!("{}?{query}", self.garbage()), wanted);
        let mut cases = vec![with(
            "noSuchParameter=1".to_owned(),
            Wanted::Named(vec!["noSuchParameter".to_owned()]),
        )];
        for Field { name, kind, .. } in &self.query {
            for value in strange_texts(kind) {
                cases.push(with(format!("{name}={value}"), Wanted::Named(vec![name.clone()])));
            }
            if !matches!(kind, Kind::List(_)) {
                cases.push(with(format!("{name}=&{name}="), Wanted::Named(vec![name.clone()])));
            }
            cases.push(with(format!("{name}=%ff"), Wanted::Named(vec![name.clone()])));
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
        let case = |what, wanted| self.case(what, self.garbage(), wanted);
        let mut cases: Vec<Case> = bodies
            .iter()
            .map(|body| with_body(case("no JSON object", Wanted::Refusal), JSON, body))
            .collect();
        for kind in ["text/plain", "application/x-www-form-urlencoded", "application/xml"] {
            let wanted = Wanted::Status(StatusCode::UNSUPPORTED_MEDIA_TYPE);
            cases.push(with_body(case("another type", wanted), kind, b"{}"));
        }
        cases
    }

    fn case(&self, what: &str, path: String, wanted: Wanted) -> Case {
        let case = Case::new(self, what, path, wanted);
        if self.body.is_some() { case.json(&json!({})) } else { case }
    }

    /// The path with garbage in the place of each variable but the one that chooses who hears the rest.
    fn garbage(&self) -> String {
        self.path_of(|name| if name == "service" { "order" } else { GARBAGE })
    }
}

fn with_body(mut case: Case, kind: &'static str, body: &[u8]) -> Case {
    case.body = Some((kind, body.to_vec()));
    case
}

/// What a parameter of this kind cannot be.
fn strange_texts(kind: &Kind) -> &'static [&'static str] {
    match kind {
        Kind::Integer { .. } => &["abc", "1.5", "99999999999", "-99999999999", ""],
        Kind::Long { .. } => &["abc", "1.5", "18446744073709551616", "-9223372036854775809", ""],
        Kind::Number => &["abc", ""],
        Kind::Flag => &["maybe", "2"],
        Kind::Choice(_) => &["NO_SUCH_CHOICE"],
        Kind::Time => &["yesterday", "2026-13-01T00:00:00Z"],
        Kind::Duration => &["soon", "5"],
        Kind::Bytes => &["*"],
        Kind::Text | Kind::List(_) | Kind::Map(_) | Kind::Object(_) | Kind::Free | Kind::Any | Kind::Null | Kind::Anything => &[],
    }
}
