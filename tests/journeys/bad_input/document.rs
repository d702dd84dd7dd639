//! The OpenAPI document, as far as it says what may be sent.

use reqwest::Method;
use serde_json::{Value, json};

use super::kind::{Field, fields, kind, names, resolve};

/// One operation of the document.
pub(super) struct Operation {
    /// Such as `OrderService.AcceptOrder`.
    pub(super) id: String,
    pub(super) method: Method,
    /// With its variables in braces.
    pub(super) path: String,
    /// The scopes and roles of which a caller must have one; nothing where nobody has to be signed in.
    pub(super) security: Option<Vec<String>>,
    /// Whether a token is looked at.
    pub(super) takes_token: bool,
    pub(super) query: Vec<Field>,
    pub(super) body: Option<Body>,
    /// Whether a change may name the version that it is based on.
    pub(super) if_match: bool,
    /// Whether it takes an Idempotency-Key.
    pub(super) takes_key: bool,
    /// Whether it says of an Idempotency-Key that it takes one, or why it does not.
    pub(super) speaks_of_keys: bool,
}

/// What an operation takes.
pub(super) enum Body {
    Json { fields: Vec<Field> },
    Bytes,
}

/// Every operation of the document.
pub(super) fn operations(document: &Value) -> Vec<Operation> {
    let mut operations = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            operations.push(Operation::of(document, path, method, operation));
        }
    }
    operations
}

impl Operation {
    fn of(document: &Value, path: &str, method: &str, operation: &Value) -> Self {
        let parameters = || operation["parameters"].as_array().into_iter().flatten();
        let parameters = || parameters().map(|parameter| resolve(document, parameter));
        let query = parameters().filter(|parameter| parameter["in"] == "query");
        let content = &operation["requestBody"]["content"];
        let body = if content["application/json"].is_object() {
            let schema = resolve(document, &content["application/json"]["schema"]);
            Some(Body::Json {
                fields: fields(document, schema, 0),
            })
        } else {
            content.is_object().then_some(Body::Bytes)
        };
        let security = operation["security"].as_array().map(Vec::as_slice).unwrap_or_default();
        // One of several has to be fulfilled, and nothing is fulfilled by anybody.
        let open = security.is_empty() || security.contains(&json!({}));
        let takes_token = !security.is_empty();
        let security = (!open).then(|| security.iter().flat_map(|one| names(&one["bearer"])).collect());
        let takes_key = parameters().any(|parameter| parameter["name"] == "Idempotency-Key");
        Self {
            id: operation["operationId"].as_str().unwrap().to_owned(),
            method: method.to_uppercase().parse().unwrap(),
            path: path.to_owned(),
            security,
            takes_token,
            query: query
                .map(|parameter| Field {
                    name: parameter["name"].as_str().unwrap().to_owned(),
                    kind: kind(document, &parameter["schema"], 0),
                    required: parameter["required"] == true,
                })
                .collect(),
            body,
            if_match: parameters().any(|parameter| parameter["name"] == "If-Match"),
            takes_key,
            speaks_of_keys: takes_key
                || operation["description"]
                    .as_str()
                    .is_some_and(|said| said.contains("takes no Idempotency-Key")),
        }
    }

    /// Whether it may change something.
    pub(super) fn writes(&self) -> bool {
        self.method != Method::GET
    }

    /// Whether only operators may call it.
    pub(super) fn for_operators(&self) -> bool {
        self.security
            .as_ref()
            .is_some_and(|security| security.iter().any(|role| role == "operator"))
    }

    /// The names of the path's variables.
    pub(super) fn variables(&self) -> impl Iterator<Item = &str> {
        self.path.split(['{', '}']).skip(1).step_by(2)
    }

    /// The path with these in the places of its variables.
    pub(super) fn path_of<'v>(&self, value: impl Fn(&str) -> &'v str) -> String {
        let parts = self.path.split(['{', '}']).enumerate();
        parts
            .map(|(number, part)| if number % 2 == 0 { part } else { value(part) })
            .collect()
    }
}
