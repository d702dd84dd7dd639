//! What a request that is not carried out is answered with: problems (RFC 9457), by their statuses.

mod kinds;

use runtime::auth::Access;
use serde_json::{Map, Value, json};

use self::kinds::KINDS;
use super::headers;
use crate::{
    answer::TYPES,
    routes::{Body, Input, Route},
};

/// What ends a stream whose client takes nothing of it.
const STALLED: &str = "STREAM_STALLED";

/// All problems, for the operations to refer to.
pub(crate) fn responses() -> Map<String, Value> {
    let described = KINDS.iter().map(|kind| {
        let response = json!({
            "description": format!("{} `reason` is {}, or the service's own.", kind.description, list(kind.reasons)),
            "headers": headers::of_answer(kind.headers),
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        });
        (kind.name.to_owned(), response)
    });
    described.collect()
}

/// The problems that a route may answer with, by status: all that nothing about the route rules out, for only its service knows more.
pub(crate) fn of_route(route: &Route) -> impl Iterator<Item = (String, Value)> {
    let writes = !route.is_safe();
    let reads_body = route.input != Input::Json || !matches!(route.body, Body::None);
    let restricted = matches!(&route.access, Access::SignedIn { scope, roles } if scope.is_some() || !roles.is_empty());
    let names_something = !route.variables.is_empty();
    let conditional = writes && !route.roles.etag.is_empty();
    KINDS.iter().filter_map(move |kind| {
        let there = match kind.status {
            "403" => restricted || writes,
            "404" => names_something || writes,
            "408" | "413" | "415" => reads_body,
            "409" => writes,
            "412" => conditional,
            _ => true,
        };
        let response = || json!({"$ref": format!("#/components/responses/{}", kind.name)});
        there.then(|| (kind.status.to_owned(), response()))
    })
}

/// The schema of every problem.
pub(crate) fn schema() -> Value {
    let mut reasons: Vec<_> = KINDS.iter().flat_map(|kind| kind.reasons).chain([&STALLED]).collect();
    reasons.sort_unstable();
    reasons.dedup();
    json!({
        "type": "object",
        "description": "Why a request was not carried out (RFC 9457).",
        "required": ["type", "title", "status", "detail", "instance", "reason"],
        "properties": {
            "type": {
                "type": "string",
                "format": "uri",
                "description": "Names the kind of problem for good: whose it is, and its reason.",
                "examples": [format!("{TYPES}gateway/invalid-fields"), format!("{TYPES}order/out-of-stock")],
            },
            "title": {"type": "string", "description": "The reason in words.", "examples": ["Invalid fields"]},
            "status": {"type": "integer", "format": "int32", "description": "The status of the answer.", "minimum": 400, "maximum": 599},
            "detail": {"type": "string", "description": "What happened, for people.", "examples": ["lines[0].quantity: must be at least 1"]},
            "instance": {"type": "string", "description": "The request's id, which our logs know it by: the X-Request-Id."},
            "reason": {
                "type": "string",
                "description": "A constant for programs. The examples are all that do not belong to one service; more may come.",
                "examples": reasons,
            },
            "violations": {
                "type": "array",
                "description": "Every field that is not what it should be.",
                "items": {
                    "type": "object",
                    "required": ["field", "description"],
                    "properties": {
                        "field": {
                            "type": "string",
                            "description": "A field of the body by its path, a parameter or a header by its name.",
                            "examples": ["lines[0].quantity", "pageSize", "If-Match"],
                        },
                        "description": {"type": "string", "description": "What is wrong with it.", "examples": ["must be at least 1"]},
                    },
                },
            },
            "metadata": {
                "type": "object",
                "description": "Facts for programs, such as the `current_version` of what is stale.",
                "additionalProperties": {"type": "string"},
            },
        },
    })
}

/// Names as code.
fn list(names: &[&str]) -> String {
    let quoted: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use runtime::Problem as Told;

    use super::*;
    use crate::answer::Problem;

    /// The constants in capitals of everything that refuses requests here.
    fn constants(folder: &Path, found: &mut BTreeSet<String>) {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_dir() {
                constants(&entry.path(), found);
                continue;
            }
            let text = fs::read_to_string(entry.path()).unwrap();
            let (code, _tests) = text.split_once("#[cfg(test)]").unwrap_or((&text, ""));
            let capitals = |text: &&str| text.len() > 3 && text.bytes().all(|byte| byte == b'_' || byte.is_ascii_uppercase());
            found.extend(code.split('"').filter(capitals).map(str::to_owned));
        }
    }

    #[test]
    fn every_reason_is_described_and_no_other() {
        let mut refusing = BTreeSet::new();
        for folder in ["answer", "call", "door", "guard", "request"] {
            constants(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(folder), &mut refusing);
        }
        // Names of methods and of a span's status.
        refusing.retain(|name| !["HEAD", "OPTIONS", "ERROR", "_OTHER"].contains(&name.as_str()));
        let of_services = [Told::stale(1), Told::key_reused()].map(|told| {
            let problem = Problem::of(&told.into(), "order", true, str::to_owned);
            problem.reason.into_owned()
        });
        refusing.extend(of_services);
        let schema = schema();
        let described = schema["properties"]["reason"]["examples"].as_array().unwrap();
        let described: BTreeSet<_> = described.iter().map(|reason| reason.as_str().unwrap().to_owned()).collect();
        assert_eq!(described, refusing);
    }
}
