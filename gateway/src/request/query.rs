//! Query parameters: every field that neither the path nor the body gives, by its dotted path.

use std::sync::Arc;

use super::{percent, put};
use crate::{
    codec::{Field, MOST, Message, Plans, Shape, Special, Violation},
    routes::{Body, Route},
};

/// Writes the parameters of a query behind `out`, and notes those that are no parameters of this route.
pub(crate) fn write(plans: &Plans, route: &Route, query: &str, out: &mut Vec<u8>, violations: &mut Vec<Violation>) {
    let mut singles: Vec<Vec<u32>> = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        if violations.len() >= MOST {
            return;
        }
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let decoded = percent::query(name).zip(percent::query(value));
        let field = decoded.as_ref().map_or(name, |(name, _)| name).to_owned();
        if field.is_empty() {
            violations.push(Violation {
                field: "query".to_owned(),
                description: "has a value without a name".to_owned(),
            });
            continue;
        }
        let written = decoded
            .ok_or_else(|| "is not percent-encoded UTF-8".into())
            .and_then(|(name, value)| {
                let path = find(plans, route, &name)?;
                if path.iter().all(|field| field.shape == Shape::One) {
                    let numbers: Vec<_> = path.iter().map(|field| field.number).collect();
                    if singles.contains(&numbers) {
                        return Err("is given more than once".into());
                    }
                    singles.push(numbers);
                }
                // What only the service sets is ignored, as it is in a body.
                if path.iter().any(|field| field.output_only) {
                    Ok(())
                } else {
                    put(plans, &path, &value, out)
                }
            });
        if let Err(wrong) = written {
            violations.push(Violation {
                field,
                description: wrong.into_owned(),
            });
        }
    }
}

/// The fields along a parameter's path. Only the last may be a list; it goes on with each parameter of its name.
fn find(plans: &Plans, route: &Route, name: &str) -> Result<Vec<Arc<Field>>, std::borrow::Cow<'static, str>> {
    let unknown = "there is no such parameter";
    let mut message: Option<&Message> = Some(plans.message(route.request));
    let mut path: Vec<Arc<Field>> = Vec::new();
    for part in name.split('.') {
        if path.last().is_some_and(|field| field.shape != Shape::One) {
            return Err(unknown.into());
        }
        let (_, field) = message.and_then(|message| message.field(part, 0)).ok_or(unknown)?;
        message = plans.message_of(field).filter(|inner| inner.special == Special::Plain);
        path.push(Arc::clone(field));
    }
    if let Some(elsewhere) = route.given_elsewhere(&path) {
        return Err(elsewhere.into());
    }
    let in_body = match &route.body {
        Body::None => false,
        Body::Whole => true,
        Body::Field(field) => path.first().is_some_and(|first| first.number == field.number),
    };
    if in_body {
        return Err("belongs in the body".into());
    }
    if message.is_some() || path.last().is_some_and(|field| field.shape == Shape::Map) {
        return Err("cannot be given in a query".into());
    }
    Ok(path)
}
