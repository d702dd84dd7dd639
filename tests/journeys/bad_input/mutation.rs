//! A valid body with something wrong in it: in one field, or in all of them at once.

use serde_json::{Value, json};

use super::{
    case::Wanted,
    kind::{Field, Kind},
    wrong,
};

/// A body, what is wrong with it, and how it must be answered.
#[derive(Debug)]
pub(super) struct Mutation {
    /// The field, such as `lines[0].quantity`.
    pub(super) place: String,
    pub(super) what: &'static str,
    pub(super) body: Value,
    pub(super) wanted: Wanted,
}

/// More characters than any field takes.
const LONG: usize = 40_000;

/// A field that there is not.
const UNKNOWN: &str = "noSuchField";

/// A field of a body, or an element of a list in it.
struct Spot<'a> {
    /// Where the object or list is that it is in, as a JSON pointer.
    parent: String,
    key: String,
    place: String,
    kind: &'a Kind,
    required: bool,
    value: Option<Value>,
    /// Whether it is in something else than the body itself.
    nested: bool,
    /// Whether it is one of a list's.
    element: bool,
}

/// Everything that can be wrong with one field at a time. `theirs` is the same request as another organisation would make it.
pub(super) fn single(fields: &[Field], body: &Value, theirs: &Value) -> Vec<Mutation> {
    let mut mutations = Vec::new();
    for spot in spots(fields, body) {
        let exactly = || Wanted::Exactly(vec![spot.place.clone()]);
        let mut add = |what, value: Option<Value>, wanted| {
            mutations.push(Mutation {
                place: spot.place.clone(),
                what,
                body: spot.put(body, value),
                wanted,
            });
        };
        for value in wrong::types(spot.kind) {
            add("another type", Some(value), exactly());
        }
        if let Kind::List(item) = spot.kind
            && **item != Kind::Anything
        {
            add(
                "a null in it",
                Some(json!([null])),
                Wanted::Exactly(vec![format!("{}[0]", spot.place)]),
            );
        }
        if matches!(spot.kind, Kind::Object(_)) {
            let mut value = spot.value.clone().unwrap_or_else(|| json!({}));
            value[UNKNOWN] = json!(1);
            add(
                "an unknown field",
                Some(value),
                Wanted::Exactly(vec![format!("{}.{UNKNOWN}", spot.place)]),
            );
        }
        if spot.required && !spot.element && spot.value.is_some() {
            add("nothing", None, exactly());
        }
        let foreign = theirs.pointer(&spot.pointer()).cloned();
        for (what, value, found) in wrong::values(spot.kind, spot.value.as_ref(), foreign) {
            let wanted = match found {
                // An absent text, number or list is an empty one to protobuf, so that one that may be absent may be empty.
                wrong::Found::Empty if !spot.required => Wanted::Answer,
                wrong::Found::Empty | wrong::Found::Here => exactly(),
                wrong::Found::Inside => Wanted::Inside(spot.place.clone()),
                wrong::Found::Hidden => Wanted::Hidden(spot.place.clone()),
            };
            add(what, Some(value), wanted);
        }
    }
    let valid = Mutation {
        place: UNKNOWN.to_owned(),
        what: "an unknown field",
        body: body.clone(),
        wanted: Wanted::Exactly(Vec::new()),
    };
    mutations.push(valid.with_an_unknown_field());
    mutations
}

/// Every field of another type at once, every field with a bad value at once, as far as `tells` says that a
/// bad value is refused, and both by turns beside a field that there is not: the first are the gateway's to
/// find and the others the service's, and the client hears of all of them.
pub(super) fn together(fields: &[Field], body: &Value, tells: impl Fn(&str, &str) -> bool) -> Vec<Mutation> {
    let leaves: Vec<Spot<'_>> = spots(fields, body).into_iter().filter(Spot::is_leaf).collect();
    let types = |spot: &Spot<'_>| wrong::types(spot.kind).into_iter().next();
    let values = |spot: &Spot<'_>| {
        let all = wrong::values(spot.kind, spot.value.as_ref(), None).into_iter();
        let mut told = all.filter(|(what, _, found)| *found == wrong::Found::Here && tells(&spot.place, what));
        told.next().map(|(_, value, _)| shortened(value))
    };
    let mut mutations = Vec::new();
    mutations.extend(all_at_once("another type everywhere", &leaves, body, types));
    mutations.extend(all_at_once("bad values everywhere", &leaves, body, values));
    for first in [0, 1] {
        let mut turn = first;
        let by_turns = |spot: &Spot<'_>| {
            turn += 1;
            if turn % 2 == 0 { types(spot) } else { values(spot) }
        };
        let mixed = all_at_once(
            "another type and bad values by turns, and an unknown field",
            &leaves,
            body,
            by_turns,
        );
        mutations.extend(mixed.map(Mutation::with_an_unknown_field));
    }
    mutations
}

/// A text that is too long for any field, and of which a body takes many.
fn shortened(value: Value) -> Value {
    match value.as_str() {
        Some(text) => json!(&text[..text.len().min(LONG)]),
        None => value,
    }
}

fn all_at_once(what: &'static str, leaves: &[Spot<'_>], body: &Value, mut bad: impl FnMut(&Spot<'_>) -> Option<Value>) -> Option<Mutation> {
    let (mut all, mut places) = (body.clone(), Vec::new());
    for spot in leaves {
        if let Some(value) = bad(spot) {
            all = spot.put(&all, Some(value));
            places.push(spot.place.clone());
        }
    }
    (places.len() > 1).then(|| Mutation {
        place: String::new(),
        what,
        body: all,
        wanted: Wanted::Exactly(places),
    })
}

/// Every field of a body, and the first element of each list. What is in an absent object is left out: it would be wrong to give it half.
fn spots<'a>(fields: &'a [Field], body: &Value) -> Vec<Spot<'a>> {
    let mut spots = Vec::new();
    look_into(fields, body, "", "", &mut spots);
    spots
}

fn look_into<'a>(fields: &'a [Field], object: &Value, pointer: &str, place: &str, spots: &mut Vec<Spot<'a>>) {
    for field in fields {
        let place = if place.is_empty() {
            field.name.clone()
        } else {
            format!("{place}.{}", field.name)
        };
        let value = object.get(&field.name).cloned();
        let spot = Spot {
            parent: pointer.to_owned(),
            key: field.name.clone(),
            place,
            kind: &field.kind,
            required: field.required,
            value,
            nested: !pointer.is_empty(),
            element: false,
        };
        note(spot, spots);
    }
}

fn note<'a>(spot: Spot<'a>, spots: &mut Vec<Spot<'a>>) {
    let (pointer, place, value) = (spot.pointer(), spot.place.clone(), spot.value.clone());
    let kind = spot.kind;
    // A member of a oneof cannot be added beside the one that is set.
    if value.is_some() || !spot.nested {
        spots.push(spot);
    }
    match (kind, value) {
        (Kind::Object(fields), Some(value)) => look_into(fields, &value, &pointer, &place, spots),
        (Kind::List(item), Some(Value::Array(values))) => {
            let first = values.first().map(|value| Spot {
                parent: pointer,
                key: "0".to_owned(),
                place: format!("{place}[0]"),
                kind: item,
                required: true,
                value: Some(value.clone()),
                nested: true,
                element: true,
            });
            if let Some(first) = first {
                note(first, spots);
            }
        }
        _ => {}
    }
}

impl Mutation {
    fn with_an_unknown_field(mut self) -> Self {
        self.body[UNKNOWN] = json!(1);
        if let Wanted::Exactly(places) = &mut self.wanted {
            places.push(UNKNOWN.to_owned());
        }
        self
    }
}

impl Spot<'_> {
    fn pointer(&self) -> String {
        format!("{}/{}", self.parent, self.key)
    }

    /// Whether there is nothing in it that is a spot of its own.
    fn is_leaf(&self) -> bool {
        self.value.is_some() && !matches!(self.kind, Kind::Object(_) | Kind::List(_))
    }

    /// The body with this value here, or without one.
    fn put(&self, body: &Value, value: Option<Value>) -> Value {
        let mut body = body.clone();
        match (body.pointer_mut(&self.parent), value) {
            (Some(Value::Object(object)), Some(value)) => drop(object.insert(self.key.clone(), value)),
            (Some(Value::Object(object)), None) => drop(object.remove(&self.key)),
            (Some(Value::Array(list)), Some(value)) => list[0] = value,
            (other, _) => panic!("{other:?} has no fields"),
        }
        body
    }
}
