//! What can be wrong with a request that would succeed otherwise.

use reqwest::StatusCode;
use serde_json::Value;
use uuid::Uuid;

use super::{
    allowed,
    case::{Case, Wanted},
    document::{Body, Operation},
    fixture::{Valid, sign},
    kind::{Field, Kind},
    mutation::{self, Mutation},
    wrong,
};

/// An etag of no version that there is.
const STALE: &str = "\"1000000\"";

/// An operation, a request of it that succeeds, and the same one as another organisation would make it.
pub(super) struct Sighted<'a> {
    pub(super) operation: &'a Operation,
    pub(super) ours: &'a Valid,
    pub(super) theirs: &'a Valid,
}

impl Sighted<'_> {
    /// The request itself.
    pub(super) fn proof(&self) -> Case {
        self.case("nothing wrong", Wanted::Success, &self.ours.body)
    }

    /// The request once more, under another key.
    pub(super) fn again(&self) -> Case {
        let wanted = match allowed::again(&self.operation.id) {
            StatusCode::OK => Wanted::Success,
            refused => Wanted::Status(refused),
        };
        self.case(
            "what was done already (AGAIN in bad_input/allowed.rs says how that is answered)",
            wanted,
            &self.ours.body,
        )
    }

    /// The request in a state of things that forbids it.
    pub(super) fn untimely(&self) -> Case {
        self.case("what cannot be now", Wanted::Status(StatusCode::CONFLICT), &self.ours.body)
    }

    /// Everything that must be refused.
    pub(super) fn refused(&self) -> Vec<Case> {
        let mut cases = self.of_the_path();
        cases.extend(self.of_a_rival());
        cases.extend(self.of_a_version());
        cases.extend(self.given_elsewhere());
        let mutated = self.mutations().into_iter().filter(|mutation| !self.is_allowed(mutation));
        cases.extend(mutated.map(|mutation| self.mutated(&mutation)));
        cases.extend(self.together());
        cases
    }

    /// What is wrong with a page of a list.
    pub(super) fn pages(&self) -> Vec<Case> {
        let strange = [
            ("pageSize", "-1"),
            ("pageToken", "zzz"),
            ("side", "nobody"),
            ("ownerId", "zzz"),
            ("currency", "zz"),
        ];
        let there = strange
            .iter()
            .filter(|(name, _)| self.operation.query.iter().any(|field| field.name == *name));
        let cases = there.map(|(name, value)| {
            let wanted = Wanted::Exactly(vec![(*name).to_owned()]);
            let mut case = self.case(&format!("{value} as {name}"), wanted, &Value::Null);
            case.path = format!("{}?{name}={value}", case.path);
            case
        });
        cases.collect()
    }

    /// Everything that may be accepted, though it looks wrong.
    pub(super) fn accepted(&self) -> Vec<Case> {
        let allowed = self.mutations().into_iter().filter(|mutation| self.is_allowed(mutation));
        let answered = allowed.map(|mutation| Mutation {
            wanted: if allowed::otherwise(&self.operation.id, &mutation.place, mutation.what) {
                Wanted::Refusal
            } else {
                Wanted::Answer
            },
            ..mutation
        });
        answered.map(|mutation| self.mutated(&mutation)).collect()
    }

    fn is_allowed(&self, mutation: &Mutation) -> bool {
        let refused_by_gateway = mutation.what == "another type" && self.ours.secret.is_none();
        matches!(mutation.wanted, Wanted::Answer)
            || (!refused_by_gateway && allowed::is_written(&self.operation.id, &mutation.place, mutation.what))
    }

    fn mutations(&self) -> Vec<Mutation> {
        match &self.operation.body {
            Some(Body::Json { fields }) => mutation::single(fields, &self.ours.body, &self.theirs.body),
            Some(Body::Bytes) => mutation::single(&shape(&self.ours.body), &self.ours.body, &self.theirs.body),
            None => Vec::new(),
        }
    }

    fn together(&self) -> Vec<Case> {
        let Some(Body::Json { fields }) = &self.operation.body else {
            return Vec::new();
        };
        let id = &self.operation.id;
        let tells = |place: &str, what: &str| !allowed::is_written(id, place, what) && !allowed::otherwise(id, place, what);
        let mutations = mutation::together(fields, &self.ours.body, tells);
        mutations.iter().map(|mutation| self.mutated(mutation)).collect()
    }

    fn mutated(&self, mutation: &Mutation) -> Case {
        let wanted = match &mutation.wanted {
            Wanted::Answer => Wanted::Answer,
            _ if allowed::one_by_one(&self.operation.id, &mutation.place, mutation.what) => Wanted::TurnedAway,
            // What is signed is the service's alone to read, and it says as much of it as its reader of JSON does.
            _ if self.ours.secret.is_some() => Wanted::Refusal,
            // The type of a value is the gateway's to look at, and it knows no exceptions.
            _ if mutation.what != "another type" && allowed::otherwise(&self.operation.id, &mutation.place, mutation.what) => {
                Wanted::Refusal
            }
            wanted => wanted.clone(),
        };
        self.case(&format!("{} in {}", mutation.what, mutation.place), wanted, &mutation.body)
    }

    /// Ids of other kinds, of nothing, and of somebody else's things.
    fn of_the_path(&self) -> Vec<Case> {
        let mut cases = Vec::new();
        for (name, value) in &self.ours.path {
            let mut strange = self.strange_ids(name, value);
            strange.retain(|(what, _)| !allowed::is_written(&self.operation.id, name, what));
            for (what, id) in strange {
                let mut valid = self.ours.clone();
                valid.path.insert(name.clone(), id);
                let wanted = if wrong::is_id(value) {
                    Wanted::Hidden(camel(name))
                } else {
                    Wanted::Refusal
                };
                let strange = Sighted { ours: &valid, ..*self };
                cases.push(strange.case(&format!("{what} in {name}"), wanted, &valid.body));
            }
        }
        cases
    }

    /// What cannot stand in the place of a variable of the path.
    fn strange_ids(&self, name: &str, value: &str) -> Vec<(&'static str, String)> {
        let mut strange = vec![("a long id", "x".repeat(3_000)), ("no id", "zzz".to_owned())];
        if wrong::is_id(value) {
            strange.push(("an id of another kind", wrong::of_another_kind(value)));
            strange.push(("an id of nothing", wrong::nobodys(value)));
            let theirs = self.theirs.path[name].clone();
            // Whoever reads what is somebody else's is tried as a rival.
            let shared = !self.operation.writes() || value == theirs;
            strange.extend((!shared).then_some(("an id of somebody else's", theirs)));
        }
        strange
    }

    /// Everything that looks wrong with it, allowed or not: the operation, the field, and what looks wrong.
    pub(super) fn tried(&self) -> Vec<(&str, String, &'static str)> {
        let in_path = self.ours.path.iter().flat_map(|(name, value)| {
            let strange = self.strange_ids(name, value).into_iter();
            strange.map(|(what, _)| (name.clone(), what))
        });
        let in_body = self.mutations().into_iter().map(|mutation| (mutation.place, mutation.what));
        let all = in_path.chain(in_body);
        all.map(|(place, what)| (self.operation.id.as_str(), place, what)).collect()
    }

    /// Somebody else with the same rights, who has nothing to do with what the path names.
    fn of_a_rival(&self) -> Option<Case> {
        let named = self.operation.security.is_some()
            && self
                .ours
                .path
                .iter()
                .any(|(name, id)| wrong::is_id(id) && *id != self.theirs.path[name]);
        if !named || self.operation.for_operators() || self.ours.token.is_none() || allowed::rival(&self.operation.id) {
            return None;
        }
        let mut case = self.case("somebody else's token", Wanted::Hidden(String::new()), &self.ours.body);
        case.token.clone_from(&self.theirs.token);
        Some(case)
    }

    fn of_a_version(&self) -> Vec<Case> {
        if !self.operation.if_match {
            return Vec::new();
        }
        let with = |etag: &str, wanted| {
            let mut case = self.case(&format!("the etag {etag}"), wanted, &self.ours.body);
            case.headers.push(("if-match", etag.to_owned()));
            case
        };
        vec![
            with(STALE, Wanted::Status(StatusCode::PRECONDITION_FAILED)),
            with("\"zzz\"", Wanted::Exactly(vec!["If-Match".to_owned()])),
            with("\"1\", \"2\"", Wanted::Exactly(vec!["If-Match".to_owned()])),
            with("\"1", Wanted::Exactly(vec!["If-Match".to_owned()])),
            with("W/\"1\"", Wanted::Status(StatusCode::PRECONDITION_FAILED)),
        ]
    }

    /// In its body, too, what the path or the Idempotency-Key gives.
    fn given_elsewhere(&self) -> Vec<Case> {
        if !matches!(self.operation.body, Some(Body::Json { .. })) {
            return Vec::new();
        }
        let of_path = self.ours.path.iter().map(|(name, id)| (camel(name), id.as_str()));
        let key = self.operation.takes_key.then(|| ("requestId".to_owned(), "another"));
        let said = of_path.chain(key).map(|(name, value)| {
            let mut body = self.ours.body.clone();
            body[&name] = value.into();
            self.case(&format!("{name} in its body"), Wanted::Exactly(vec![name]), &body)
        });
        said.collect()
    }

    fn case(&self, what: &str, wanted: Wanted, body: &Value) -> Case {
        let path = self.operation.path_of(|name| {
            let value = self.ours.path.get(name);
            value.unwrap_or_else(|| panic!("the fixture of {} says nothing of {name} in its path", self.operation.id))
        });
        let mut case = Case::new(self.operation, what, path, wanted);
        case.token.clone_from(&self.ours.token);
        if self.operation.body.is_some() {
            case = case.json(body);
        }
        let key = Uuid::new_v4().to_string();
        match (&self.ours.secret, &case.body) {
            (Some(secret), Some((_, bytes))) => case.headers.extend(sign(secret, &key, bytes)),
            _ => case.headers.push(("idempotency-key", key)),
        }
        case
    }
}

/// The fields of a body that the document does not describe, by what they hold.
fn shape(body: &Value) -> Vec<Field> {
    let members = body.as_object().into_iter().flatten();
    members
        .map(|(name, value)| Field {
            name: name.clone(),
            kind: match value {
                Value::Array(values) => Kind::List(Box::new(Kind::Object(values.first().map(shape).unwrap_or_default()))),
                Value::Number(_) => Kind::Integer { signed: true },
                _ => Kind::Text,
            },
            required: false,
        })
        .collect()
}

/// A variable's name as violations write it.
fn camel(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |whole, word| whole + &word[..1].to_uppercase() + &word[1..])
}
