//! From an HTTP request to the bytes of a gRPC request.
//!
//! Messages merge by concatenation, so the parts are written one after the other: the body, then the
//! query, then the path, then the headers. What the path or a header gives has no place elsewhere: if a
//! later part only won, nobody would hear that something else was meant.

pub(crate) mod body;
pub(crate) mod headers;
pub(crate) mod percent;
mod query;

use std::{borrow::Cow, sync::Arc};

use bytes::Bytes;
use http::request::Parts;

use crate::{
    answer::Problem,
    codec::{Cursor, Field, MOST, Parsed, Plans, Violation, Wire, missing, nested, put_bytes, put_tag, put_varint, write_text},
    routes::{Body, Bound, Input, Route},
};

/// More items than this on one page are not asked for (AIP-158: a larger size is cut down).
const LARGEST_PAGE: u64 = kernel::PageSize::MAX as u64;

/// Why there is no request that could be sent.
pub(crate) enum Unfit {
    /// It cannot be read at all.
    Unreadable(Problem),
    /// Fields that are not what they should be, and the request without them.
    Fields(Vec<Violation>, Bytes),
}

impl From<Problem> for Unfit {
    fn from(problem: Problem) -> Self {
        Self::Unreadable(problem)
    }
}

impl From<Unfit> for Problem {
    fn from(unfit: Unfit) -> Self {
        match unfit {
            Unfit::Unreadable(problem) => problem,
            Unfit::Fields(violations, _) => Self::invalid(violations),
        }
    }
}

/// The request of a route, or everything that is wrong with it.
///
/// # Errors
/// A body that is no JSON, or all fields that are not what they should be.
pub(crate) fn assemble(plans: &Plans, route: &Route, head: &Parts, segments: &[&str], body: &[u8]) -> Result<Bytes, Unfit> {
    let mut out = Vec::with_capacity(body.len() + 64);
    let parsed = read_body(plans, route, head, body, &mut out)?;
    let mut violations = parsed.violations;
    let sent_mask = route.roles.update_mask.as_ref().map(|mask| (mask, out.len()));
    query::write(plans, route, head.uri.query().unwrap_or_default(), &mut out, &mut violations);
    if let Some((mask, from)) = sent_mask {
        derive_mask(route, mask, &parsed.mask, from, &mut out);
    }
    for bound in &route.variables {
        if let Err(wrong) = path_text(bound, segments).and_then(|text| put(plans, &bound.fields, &text, &mut out)) {
            let field = bound.fields.iter().map(|field| &*field.json).collect::<Vec<_>>().join(".");
            violations.push(Violation {
                field,
                description: wrong.into_owned(),
            });
        }
    }
    let met = headers::write(plans, route, &head.headers, &mut out, &mut violations);
    cut_page_size(route, &mut out);
    let except = route.roles.update_mask.as_ref().and(match &route.body {
        Body::Field(field) => Some(field.number),
        Body::None | Body::Whole => None,
    });
    let missing = missing(plans, plans.message(route.request), &out, except).map_err(|_| Problem::bad_upstream())?;
    let missing = missing.into_iter().map(|field| Violation {
        field: route.seen_by_client(field),
        description: "is required".to_owned(),
    });
    add_unknown(&mut violations, missing);
    if violations.is_empty() {
        met.map(|()| out.into()).map_err(Unfit::Unreadable)
    } else {
        Err(Unfit::Fields(violations, out.into()))
    }
}

/// Adds what is not known yet. What was sent wrong was not left out, and nothing in it was.
pub(crate) fn add_unknown(violations: &mut Vec<Violation>, more: impl IntoIterator<Item = Violation>) {
    let found_before = violations.len();
    for violation in more {
        let mut before = violations[..found_before].iter();
        let known = before.any(|known| lies_in(&known.field, &violation.field) || lies_in(&violation.field, &known.field));
        if violations.len() < MOST && !known {
            violations.push(violation);
        }
    }
}

/// Whether a place is another one or lies in it.
fn lies_in(place: &str, other: &str) -> bool {
    place
        .strip_prefix(other)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// Writes one field at the end of a path of fields.
pub(crate) fn put(plans: &Plans, path: &[Arc<Field>], text: &str, out: &mut Vec<u8>) -> Result<(), Cow<'static, str>> {
    match path {
        [] => Ok(()),
        [field] => write_text(plans, field, text, out),
        [first, below @ ..] => nested(out, first.number, |out| put(plans, below, text, out)),
    }
}

/// A google.api.HttpBody of the request's bytes, in the field that the route has for it.
pub(crate) fn raw(route: &Route, content_type: &str, data: &[u8], out: &mut Vec<u8>) {
    let write = |out: &mut Vec<u8>| {
        if !content_type.is_empty() {
            put_bytes(out, 1, content_type.as_bytes());
        }
        put_bytes(out, 2, data);
    };
    match &route.body {
        Body::Field(field) => nested(out, field.number, write),
        Body::None | Body::Whole => write(out),
    }
}

fn read_body(plans: &Plans, route: &Route, head: &Parts, body: &[u8], out: &mut Vec<u8>) -> Result<Parsed, Problem> {
    match route.input {
        Input::Raw | Input::Upload => {
            raw(route, body::content_type(&head.headers), body, out);
            return Ok(Parsed::default());
        }
        Input::Json => {}
    }
    let read = match &route.body {
        // An absent body says as much as an empty object.
        Body::None => return Ok(Parsed::default()),
        Body::Whole | Body::Field(_) if body.is_empty() => return Ok(Parsed::default()),
        Body::Whole => plans.parse(route.request, body, out),
        Body::Field(field) => plans.parse_field(field, body, out),
    };
    read.map(|parsed| refusing_given(route, parsed, out)).map_err(body::no_json)
}

/// Refuses what a body says of fields that the path or a header gives.
fn refusing_given(route: &Route, mut parsed: Parsed, written: &[u8]) -> Parsed {
    for given in route.given.iter().filter(|given| sets(written, &given.fields)) {
        let inside = usize::from(matches!(route.body, Body::Field(_)));
        let place: Vec<_> = given.fields.iter().skip(inside).map(|field| &*field.json).collect();
        parsed.violations.push(Violation {
            field: place.join("."),
            description: given.description.to_owned(),
        });
    }
    parsed
}

/// Whether a message sets the field at the end of a path.
fn sets(wire: &[u8], path: &[Arc<Field>]) -> bool {
    let [first, below @ ..] = path else { return true };
    let mut cursor = Cursor::new(wire);
    while let Ok(Some(tag)) = cursor.tag() {
        let skipped = match (tag.number == first.number, below) {
            (true, []) => return true,
            (true, _) => match cursor.bytes() {
                Ok(inner) if sets(inner, below) => return true,
                inner => inner.map(drop),
            },
            (false, _) => cursor.skip(tag.wire),
        };
        if skipped.is_err() {
            break;
        }
    }
    false
}

/// The update mask of a change that comes without one: the fields that its body has (AIP-134).
fn derive_mask(route: &Route, mask: &Field, paths: &[String], from: usize, out: &mut Vec<u8>) {
    let mut cursor = Cursor::new(&out[from..]);
    while let Ok(Some(tag)) = cursor.tag() {
        if tag.number == mask.number || cursor.skip(tag.wire).is_err() {
            return;
        }
    }
    if matches!(route.body, Body::Field(_)) && !paths.is_empty() {
        nested(out, mask.number, |out| {
            paths.iter().for_each(|path| put_bytes(out, 1, path.as_bytes()))
        });
    }
}

/// The text that the path has for a variable.
fn path_text<'s>(bound: &Bound, segments: &[&'s str]) -> Result<Cow<'s, str>, Cow<'static, str>> {
    let range = bound.from..bound.to.unwrap_or(segments.len());
    let text = match segments.get(range).unwrap_or_default() {
        [one] => percent::segment(one),
        several => percent::segments(&several.join("/")).map(|text| Cow::Owned(text.into_owned())),
    };
    text.ok_or_else(|| "is not percent-encoded UTF-8".into())
}

/// Cuts a page size down to the largest there is. A negative one is the service's to refuse.
fn cut_page_size(route: &Route, out: &mut Vec<u8>) {
    let Some(field) = &route.roles.page_size else { return };
    let mut cursor = Cursor::new(out);
    let mut size = 0;
    while let Ok(Some(tag)) = cursor.tag() {
        if tag.number == field.number && tag.wire == Wire::Varint {
            size = cursor.varint().unwrap_or_default();
        } else if cursor.skip(tag.wire).is_err() {
            return;
        }
    }
    if size > LARGEST_PAGE && size.cast_signed() > 0 {
        put_tag(out, field.number, Wire::Varint);
        put_varint(out, LARGEST_PAGE);
    }
}
