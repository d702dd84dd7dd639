//! The headers that mean something here: those that clients send, and those that they are answered with.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::{
    config::Config,
    routes::{IDEMPOTENCY_KEY, IF_MATCH, Output, Route},
};

/// Headers that every operation understands.
const EVERYWHERE: [&str; 3] = ["Request-Timeout", "X-Request-Id", "traceparent"];

/// The parameter of an operation that is not carried out without a key.
const REQUIRED_KEY: &str = "Idempotency-Key-Required";

/// All parameters that are headers, for the operations to refer to.
pub(crate) fn parameters(config: &Config) -> Map<String, Value> {
    let seconds = |ms| Duration::from_millis(ms).as_secs_f64();
    let (deadline, upload) = (seconds(config.deadline_ms), seconds(config.upload_deadline_ms));
    let timeout = format!(
        "The time that the request has, in seconds or in milliseconds; more than zero. Without it, and at most, that is {deadline} s, for an \
         upload {upload} s. What is not done by then is answered with 504; a stream only has to \
         have begun."
    );
    let etag = json!({"type": "string", "examples": ["\"7\""]});
    let all = [
        (
            IDEMPOTENCY_KEY,
            "A request repeated with the same key happens once. The key counts for whoever calls and for this operation; with another request it \
             is refused as `IDEMPOTENCY_KEY_REUSED`. It may stand in quotes.",
            json!({"type": "string", "minLength": 1, "examples": ["0b6b1f9e-6f5c-4e0a-9d5a-7a3d1c2f8e11"]}),
        ),
        (
            IF_MATCH,
            "The ETag of the version that the change is based on, one and no weak one, or `*` for any. When there is another version by now, \
             nothing is changed and the answer is 412.",
            json!({"type": "string", "pattern": "^(\\*|(W/)?\"[^\"]+\")$", "examples": ["\"7\""]}),
        ),
        (
            "If-None-Match",
            "The ETags that are known already, separated by commas: 304 when one of them still holds.",
            etag,
        ),
        (
            "Last-Event-ID",
            "The stream goes on behind this event. It is what `afterSequence` is, and wins over that.",
            json!({"type": "string", "format": "int64", "pattern": "^-?[0-9]+$"}),
        ),
        (
            EVERYWHERE[0],
            &timeout,
            json!({"type": "string", "pattern": "^([0-9]+(\\.[0-9]*)?|\\.[0-9]+)(ms|s)?$", "examples": ["2.5", "250ms"]}),
        ),
        (
            EVERYWHERE[1],
            "What the request is known by in answers and logs. One that does not look so is replaced.",
            json!({"type": "string", "pattern": "^[A-Za-z0-9_.:-]{1,128}$"}),
        ),
        (
            EVERYWHERE[2],
            "The trace that the request is a part of (W3C Trace Context).",
            json!({"type": "string", "pattern": "^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$"}),
        ),
    ];
    let described = all.map(|(name, description, schema)| {
        let parameter = json!({"name": name, "in": "header", "description": description, "schema": schema});
        (name.to_owned(), parameter)
    });
    let mut parameters: Map<_, _> = described.into_iter().collect();
    let mut required = parameters[IDEMPOTENCY_KEY].clone();
    required["required"] = true.into();
    parameters.insert(REQUIRED_KEY.to_owned(), required);
    parameters
}

/// The headers that a route understands.
pub(crate) fn understood(route: &Route) -> Vec<Value> {
    let roles = &route.roles;
    let key = match &roles.request_id {
        Some(field) if field.required => REQUIRED_KEY,
        _ => IDEMPOTENCY_KEY,
    };
    let special = [
        (roles.request_id.is_some(), key),
        (!roles.etag.is_empty() && !route.is_safe(), IF_MATCH),
        (has_etag(route) && route.is_safe(), "If-None-Match"),
        (roles.resume.is_some() && route.output == Output::Events, "Last-Event-ID"),
    ];
    let special = special.into_iter().filter_map(|(there, name)| there.then_some(name));
    special
        .chain(EVERYWHERE)
        .map(|name| json!({"$ref": format!("#/components/parameters/{name}")}))
        .collect()
}

/// Whether the answers of a route have an ETag.
pub(crate) fn has_etag(route: &Route) -> bool {
    route.roles.response_etag.is_some() && matches!(route.output, Output::Json | Output::Raw)
}

/// All headers of answers, for the answers to refer to.
pub(crate) fn answered() -> Value {
    json!({
        "ETag": {
            "description": "The version of what is answered, for If-Match and If-None-Match.",
            "schema": {"type": "string", "pattern": "^\"[^\"]*\"$", "examples": ["\"7\""]},
        },
        "Retry-After": {
            "description": "In how many seconds the same request may succeed; nothing where that is not known.",
            "schema": {"type": "integer", "minimum": 1},
        },
        "WWW-Authenticate": {
            "description": "What is wrong with the token, or which scope it lacks (RFC 6750).",
            "schema": {"type": "string", "examples": ["Bearer realm=\"tradewind\", error=\"invalid_token\", error_description=\"the token has expired\""]},
        },
        "X-Request-Id": {
            "description": "What the request is known by in our logs: its own X-Request-Id, or a new one.",
            "required": true,
            "schema": {"type": "string", "pattern": "^[A-Za-z0-9_.:-]{1,128}$"},
        },
    })
}

/// References to these headers, and to that of every answer.
pub(crate) fn of_answer(names: &[&str]) -> Map<String, Value> {
    let all = names.iter().chain(&["X-Request-Id"]);
    all.map(|name| ((*name).to_owned(), json!({"$ref": format!("#/components/headers/{name}")})))
        .collect()
}
