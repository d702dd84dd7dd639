//! The gateway's OpenAPI document, held against what the gateway answers.
//!
//! An answer that says more than the document is at fault as much as one that says less: a status, a header, a type of content or a member
//! of an object that is not described, and one that is required and not there.

mod schema;

use http::HeaderMap;
use regex::Regex;
use serde_json::Value;

/// Headers that no client has to know of: those of HTTP itself, of caches, browsers and proxies.
const BESIDES: [&str; 14] = [
    "access-control-allow-origin",
    "access-control-expose-headers",
    "cache-control",
    "connection",
    "content-encoding",
    "content-length",
    "content-security-policy",
    "content-type",
    "date",
    "referrer-policy",
    "transfer-encoding",
    "vary",
    "x-accel-buffering",
    "x-content-type-options",
];

/// A document.
pub struct Document {
    json: Value,
}

/// One of its operations.
pub struct Operation<'d> {
    document: &'d Document,
    path: &'d str,
    method: &'d str,
    json: &'d Value,
}

/// What was answered.
#[derive(Debug)]
pub struct Answer {
    /// Such as 200.
    pub status: u16,
    /// All of its headers.
    pub headers: HeaderMap,
    /// All of its body; nothing where it was not read.
    pub body: Option<Vec<u8>>,
}

impl Document {
    /// A document as the gateway serves it.
    ///
    /// # Panics
    /// When it says something that the answers cannot be held against.
    pub fn new(json: Value) -> Self {
        let document = Self { json };
        schema::must_be_known(&document.json);
        document
    }

    /// The document as JSON.
    pub fn json(&self) -> &Value {
        &self.json
    }

    /// All operations.
    pub fn operations(&self) -> impl Iterator<Item = Operation<'_>> {
        let paths = self.json["paths"].as_object().into_iter().flatten();
        paths.flat_map(move |(path, methods)| {
            let methods = methods.as_object().into_iter().flatten();
            methods.map(move |(method, json)| Operation {
                document: self,
                path,
                method,
                json,
            })
        })
    }

    /// The operation of this id.
    pub fn named(&self, id: &str) -> Option<Operation<'_>> {
        self.operations().find(|operation| operation.json["operationId"] == id)
    }

    /// The operation that a request goes to. Of several paths that it fits, that with more letters of its own is meant.
    pub fn at(&self, method: &str, path: &str) -> Option<Operation<'_>> {
        let method = if method == "HEAD" { "get" } else { &method.to_ascii_lowercase() };
        let fits = |template: &str| template_of(template).is_match(path);
        let fitting = self
            .operations()
            .filter(|operation| operation.method == method && fits(operation.path));
        let own = |template: &str| template.split(['{', '}']).step_by(2).map(str::len).sum::<usize>();
        fitting.max_by_key(|operation| own(operation.path))
    }

    /// What a reference leads to, or the thing itself.
    pub fn resolve<'d>(&'d self, thing: &'d Value) -> &'d Value {
        let Some(reference) = thing["$ref"].as_str() else { return thing };
        let place = reference.trim_start_matches('#');
        self.json.pointer(place).unwrap_or_else(|| panic!("{reference} leads nowhere"))
    }
}

impl Operation<'_> {
    /// Its id, such as `OrderService.AcceptOrder`.
    ///
    /// # Panics
    /// When it has none.
    pub fn id(&self) -> &str {
        self.json["operationId"].as_str().unwrap()
    }

    /// Its path, with variables in braces.
    pub fn path(&self) -> &str {
        self.path
    }

    /// Its method, in small letters.
    pub fn method(&self) -> &str {
        self.method
    }

    /// The statuses that it names.
    pub fn statuses(&self) -> impl Iterator<Item = &str> {
        self.json["responses"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(status, _)| status.as_str())
    }

    /// The headers that it names, of its requests.
    pub fn headers(&self) -> impl Iterator<Item = &str> {
        self.of_headers().filter_map(|header| header["name"].as_str())
    }

    /// What about a header of a request is not as the document describes it.
    pub fn faults_of_header(&self, name: &str, text: &str) -> Vec<String> {
        let Some(header) = self.of_headers().find(|header| header["name"] == name) else {
            return vec![format!("the header {name} is not described")];
        };
        let mut faults = Vec::new();
        schema::validate(
            self.document,
            &header["schema"],
            &text.into(),
            &format!("the header {name}"),
            &mut faults,
        );
        faults
    }

    /// What about the JSON of a request is not as the document describes it.
    pub fn faults_of_request(&self, body: &Value) -> Vec<String> {
        let mut faults = Vec::new();
        let schema = &self.json["requestBody"]["content"]["application/json"]["schema"];
        if schema.is_object() && !body.is_null() {
            schema::validate(self.document, schema, body, "the request", &mut faults);
        }
        faults
    }

    /// What it says of answers of this status.
    pub fn response(&self, status: u16) -> Option<&Value> {
        let responses = &self.json["responses"];
        let named = responses.get(status.to_string());
        let response = named.or_else(|| responses.get("default").filter(|_| status >= 400))?;
        Some(self.document.resolve(response))
    }

    /// What the document and an answer do not have in common.
    pub fn faults(&self, answer: &Answer) -> Vec<String> {
        let Some(response) = self.response(answer.status) else {
            return vec![format!("the status {} is not described", answer.status)];
        };
        let mut faults = self.of_the_head(response, answer);
        faults.extend(self.of_the_body(response, answer));
        faults
    }

    fn of_headers(&self) -> impl Iterator<Item = &Value> {
        let parameters = self.json["parameters"].as_array().into_iter().flatten();
        let described = parameters.map(|one| self.document.resolve(one));
        described.filter(|one| one["in"] == "header")
    }

    fn of_the_head(&self, response: &Value, answer: &Answer) -> Vec<String> {
        let mut faults = Vec::new();
        let described = || response["headers"].as_object().into_iter().flatten();
        for (name, header) in described() {
            let header = self.document.resolve(header);
            let text = answer.headers.get(name).map(|value| value.to_str().unwrap_or_default());
            match (text, header["required"] == true) {
                (Some(text), _) => {
                    let wanted = self.document.resolve(&header["schema"]);
                    let number = text.parse::<u64>().ok().filter(|_| wanted["type"] == "integer");
                    let value = number.map_or_else(|| text.into(), Value::from);
                    schema::validate(self.document, wanted, &value, &format!("the header {name}"), &mut faults);
                }
                (None, true) => faults.push(format!("the header {name} is missing")),
                (None, false) => {}
            }
        }
        let known = |name: &str| BESIDES.contains(&name) || described().any(|(one, _)| one.eq_ignore_ascii_case(name));
        let strange = answer.headers.keys().filter(|name| !known(name.as_str()));
        faults.extend(strange.map(|name| format!("the header {name} is not described")));
        faults
    }

    fn of_the_body(&self, response: &Value, answer: &Answer) -> Vec<String> {
        let Some(body) = &answer.body else { return Vec::new() };
        let content_type = answer.headers.get("content-type").and_then(|value| value.to_str().ok());
        let content_type = content_type.unwrap_or_default().split(';').next().unwrap_or_default();
        let content = &response["content"];
        let Some(media) = content.get(content_type).or_else(|| content.get("*/*")) else {
            let nothing = content.is_null() && body.is_empty();
            return if nothing {
                Vec::new()
            } else {
                vec![format!("content of the type {content_type:?} is not described")]
            };
        };
        let mut faults = Vec::new();
        let mut json = |text: &[u8]| match serde_json::from_slice(text) {
            Ok(value) => schema::validate(self.document, &media["schema"], &value, "the body", &mut faults),
            Err(error) => faults.push(format!("the body is no JSON: {error}")),
        };
        match content_type {
            "application/json" | "application/problem+json" => json(body),
            "application/x-ndjson" => {
                let lines = body.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
                lines.filter(|line| !line.starts_with(b"{\"problem\":")).for_each(json);
            }
            "text/event-stream" => {
                for event in String::from_utf8_lossy(body)
                    .split("\n\n")
                    .filter(|event| !event.contains("event: "))
                {
                    event
                        .lines()
                        .filter_map(|line| line.strip_prefix("data: "))
                        .for_each(|data| json(data.as_bytes()));
                }
            }
            _ => {}
        }
        faults
    }
}

/// The paths that a template stands for. A variable at its end may be all that is left, which OpenAPI has no way to say.
fn template_of(template: &str) -> Regex {
    let parts: Vec<_> = template.split(['{', '}']).enumerate().collect();
    let pattern = parts.iter().map(|(number, part)| match number % 2 {
        0 => regex::escape(part),
        _ if number + 2 == parts.len() && template.ends_with('}') => ".+".to_owned(),
        _ => "[^/]+".to_owned(),
    });
    Regex::new(&format!("^{}$", pattern.collect::<String>())).unwrap()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document() -> Document {
        let order = json!({
            "type": "object",
            "required": ["id", "lines"],
            "properties": {
                "id": {"type": "string"},
                "lines": {"type": "array", "items": {"$ref": "#/components/schemas/Line"}},
                "kind": {"type": "string", "enum": ["A", "B"]},
            },
        });
        let line = json!({"type": "object", "properties": {"pieces": {"type": "string", "pattern": "^[0-9]+$"}}});
        let content = json!({"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}});
        let wait = json!({"schema": {"type": "integer", "minimum": 1}});
        let id = json!({"required": true, "schema": {"type": "string"}});
        let get = json!({"operationId": "get", "responses": {
            "200": {"headers": {"Retry-After": wait, "X-Request-Id": id}, "content": content},
            "304": {},
        }});
        let verb = json!({"operationId": "verb", "responses": {"200": {}}});
        Document::new(json!({
            "paths": {"/v1/orders/{id}": {"get": get}, "/v1/orders/{id}:verb": {"get": verb}},
            "components": {"schemas": {"Order": order, "Line": line}},
        }))
    }

    fn faults(headers: &[(&'static str, &'static str)], body: &str) -> Vec<String> {
        let all = [("content-type", "application/json")];
        let headers = all
            .iter()
            .chain(headers)
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
        let answer = Answer {
            status: 200,
            headers: headers.collect(),
            body: Some(body.as_bytes().to_vec()),
        };
        document().at("GET", "/v1/orders/7").unwrap().faults(&answer)
    }

    #[test]
    fn whatever_is_not_as_it_is_described_is_a_fault() {
        let id = ("x-request-id", "r");
        assert_eq!(faults(&[id], r#"{"id":"7","lines":[{"pieces":"1"},{}],"kind":"A"}"#), [""; 0]);
        for (headers, body, fault) in [
            (vec![id], r#"{"id":"7"}"#, "the body lacks lines"),
            (vec![id], r#"{"id":7,"lines":[]}"#, "the body.id is no string: 7"),
            (vec![id], r#"{"id":null,"lines":[]}"#, "the body.id is no string: null"),
            (vec![id], r#"{"id":"","lines":{}}"#, "the body.lines is no array: {}"),
            (
                vec![id],
                r#"{"id":"","lines":[],"odd":1}"#,
                "the body has odd, which is not described",
            ),
            (
                vec![id],
                r#"{"id":"","lines":[{"pieces":"-1"}]}"#,
                "the body.lines[0].pieces is not ^[0-9]+$: \"-1\"",
            ),
            (
                vec![id],
                r#"{"id":"","lines":[],"kind":"C"}"#,
                "the body.kind is none of its names: \"C\"",
            ),
            (vec![id], "", "the body is no JSON: EOF while parsing a value at line 1 column 0"),
            (vec![], r#"{"id":"","lines":[]}"#, "the header X-Request-Id is missing"),
            (
                vec![id, ("etag", "1")],
                r#"{"id":"","lines":[]}"#,
                "the header etag is not described",
            ),
            (
                vec![id, ("retry-after", "0")],
                r#"{"id":"","lines":[]}"#,
                "the header Retry-After is less than 1: 0",
            ),
            (
                vec![id, ("retry-after", "soon")],
                r#"{"id":"","lines":[]}"#,
                "the header Retry-After is no integer: \"soon\"",
            ),
        ] {
            assert_eq!(faults(&headers, body), [fault], "{body}");
        }
    }

    #[test]
    fn statuses_and_paths_are_told_apart() {
        let document = document();
        let at = |path| document.at("HEAD", path).map(|operation| operation.id().to_owned());
        assert_eq!(
            (at("/v1/orders/7").as_deref(), at("/v1/orders/7:verb").as_deref(), at("/v1/orders")),
            (Some("get"), Some("verb"), None)
        );
        let answer = |status, body: &str| Answer {
            status,
            headers: HeaderMap::new(),
            body: Some(body.into()),
        };
        let get = document.named("get").unwrap();
        assert_eq!(get.faults(&answer(304, "")), [""; 0]);
        assert_eq!(get.faults(&answer(304, "x")), ["content of the type \"\" is not described"]);
        assert_eq!(get.faults(&answer(404, "")), ["the status 404 is not described"]);
    }

    #[test]
    #[should_panic(expected = "maxLength")]
    fn a_schema_that_says_what_nobody_looks_at_is_refused() {
        Document::new(json!({"components": {"schemas": {"Order": {"type": "string", "maxLength": 3}}}}));
    }
}
