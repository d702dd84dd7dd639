//! A request with something wrong in it, how it must be answered, and whether it was.

use std::borrow::Cow;

use harness::openapi::{Answer, Document};
use reqwest::{Client, Method, StatusCode, header};
use serde_json::Value;

use super::document::Operation;

/// A request, and how it must be answered.
#[derive(Clone, Debug)]
pub(super) struct Case {
    /// Such as `OrderService.AcceptOrder`.
    pub(super) operation: String,
    /// The operation and what is wrong, for whoever reads that the answer was another one.
    pub(super) about: String,
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) token: Option<String>,
    pub(super) headers: Vec<(&'static str, String)>,
    /// With its content type.
    pub(super) body: Option<(&'static str, Vec<u8>)>,
    pub(super) wanted: Wanted,
}

#[derive(Clone, Debug)]
pub(super) enum Wanted {
    Success,
    /// It is answered, by a success or a refusal.
    Answer,
    /// Any refusal.
    Refusal,
    Status(StatusCode),
    /// A refusal that names these fields and perhaps others.
    Named(Vec<String>),
    /// A refusal that names exactly these fields.
    Exactly(Vec<String>),
    /// A refusal that names this field or something in it, and nothing besides.
    Inside(String),
    /// A success that says of the first thing that was sent, and of nothing else, that it was refused and why.
    TurnedAway,
    /// As good as not there: 404, 403, or a refusal that names exactly this field.
    Hidden(String),
}

impl Case {
    pub(super) fn new(operation: &Operation, what: &str, path: String, wanted: Wanted) -> Self {
        Self {
            operation: operation.id.clone(),
            about: format!("{} with {what}", operation.id),
            method: operation.method.clone(),
            path,
            token: None,
            headers: Vec::new(),
            body: None,
            wanted,
        }
    }

    pub(super) fn json(mut self, body: &Value) -> Self {
        self.body = Some(("application/json", body.to_string().into_bytes()));
        self
    }

    /// Sends it; what is wrong with the answer, which must be as the document describes it, too.
    pub(super) async fn check(&self, http: &Client, url: &str, document: &Document) -> Option<String> {
        let answer = match self.send(http, url).await {
            Ok(answer) => answer,
            Err(error) => return Some(format!("{}: no answer: {error:?}", self.about)),
        };
        let wrong = self.wrong(&answer).or_else(|| self.undescribed(&answer, document))?;
        Some(format!(
            "{}: {} {:.150}: {} {:.400} {wrong}; wanted {:?}",
            self.about,
            self.method,
            self.path,
            answer.status,
            text(&answer),
            self.wanted
        ))
    }

    async fn send(&self, http: &Client, url: &str) -> reqwest::Result<Answer> {
        let mut request = http.request(self.method.clone(), format!("{url}{}", self.path));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        if let Some((kind, body)) = &self.body {
            request = request.header(header::CONTENT_TYPE, *kind).body(body.clone());
        }
        let answer = request.send().await?;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        // A stream that was begun goes on.
        let is_stream = headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/x-ndjson");
        let body = if is_stream { None } else { Some(answer.bytes().await?.to_vec()) };
        Ok(Answer { status, headers, body })
    }

    /// What the document does not say of the answer, or says otherwise.
    fn undescribed(&self, answer: &Answer, document: &Document) -> Option<String> {
        let Some(operation) = document.named(&self.operation) else {
            return Some("is of no operation".to_owned());
        };
        let mut faults = operation.faults(answer);
        if !operation.statuses().any(|status| status == answer.status.to_string()) {
            faults.push(format!("the status {} is left to `default`", answer.status));
        }
        (!faults.is_empty()).then(|| format!("is not as it is described: {}", faults.join(", ")))
    }

    fn wrong(&self, answer: &Answer) -> Option<String> {
        let status = StatusCode::from_u16(answer.status).unwrap_or_default();
        match self.wanted {
            Wanted::Success | Wanted::Answer if status.is_success() => return None,
            Wanted::Success => return Some("is no success".to_owned()),
            Wanted::TurnedAway => return (!turns_away(answer)).then(|| "does not refuse what is in it".to_owned()),
            _ if !status.is_client_error() => return Some("is no refusal".to_owned()),
            _ => {}
        }
        let problem: Value = serde_json::from_str(&text(answer)).unwrap_or_default();
        let kind = answer.headers.get(header::CONTENT_TYPE);
        if kind.is_none_or(|kind| kind != "application/problem+json") || problem["status"] != answer.status {
            return Some("is no problem".to_owned());
        }
        let violations = problem["violations"].as_array().into_iter().flatten();
        let named: Vec<&str> = violations.filter_map(|violation| violation["field"].as_str()).collect();
        let not_named = |fields: &[String]| -> Vec<String> {
            let missing = fields.iter().filter(|field| !named.contains(&field.as_str()));
            missing.map(|field| format!("does not name {field}")).collect()
        };
        let besides = |is_meant: &dyn Fn(&str) -> bool| -> Vec<String> {
            let innocent = named.iter().filter(|name| !is_meant(name));
            innocent.map(|name| format!("names {name}, which is as it should be")).collect()
        };
        let wrong = match &self.wanted {
            Wanted::Success | Wanted::Answer | Wanted::Refusal | Wanted::TurnedAway => Vec::new(),
            Wanted::Status(wanted) if status == *wanted => Vec::new(),
            Wanted::Status(_) => vec!["has another status".to_owned()],
            Wanted::Named(fields) => not_named(fields),
            Wanted::Exactly(fields) => [not_named(fields), besides(&|name| fields.iter().any(|field| field == name))].concat(),
            Wanted::Inside(field) if named.is_empty() => vec![format!("does not name {field}")],
            Wanted::Inside(field) => besides(&|name| lies_in(name, field)),
            Wanted::Hidden(field) if [StatusCode::NOT_FOUND, StatusCode::FORBIDDEN].contains(&status) => besides(&|name| name == field),
            Wanted::Hidden(field) => [not_named(std::slice::from_ref(field)), besides(&|name| name == field)].concat(),
        };
        (!wrong.is_empty()).then(|| wrong.join(", "))
    }
}

/// What was read of the answer's body.
fn text(answer: &Answer) -> Cow<'_, str> {
    String::from_utf8_lossy(answer.body.as_deref().unwrap_or_default())
}

/// Whether the answer refuses the first thing, with its reasons, and nothing else.
fn turns_away(answer: &Answer) -> bool {
    let told: Value = serde_json::from_str(&text(answer)).unwrap_or_default();
    let refused = told["refused"].as_array().map(Vec::as_slice).unwrap_or_default();
    let says_why = |refused: &Value| refused["fields"].as_array().is_some_and(|fields| !fields.is_empty());
    answer.status == 200 && refused.len() == 1 && refused[0]["place"] == 0 && says_why(&refused[0])
}

/// Whether the place is this field or something in it.
fn lies_in(place: &str, field: &str) -> bool {
    place
        .strip_prefix(field)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}
