//! google.api.FieldBehavior (AIP-203): which fields must be there, and who sets them.

use prost_reflect::{FieldDescriptor, Value};

/// What a proto may say of a field, with its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Behaviour {
    Optional = 1,
    Required = 2,
    OutputOnly = 3,
    InputOnly = 4,
    Immutable = 5,
}

/// All that a proto says of one field.
pub(crate) struct Behaviours(Vec<i32>);

impl Behaviours {
    pub(crate) fn of(field: &FieldDescriptor) -> Self {
        let pool = field.parent_message().parent_pool().clone();
        let Some(extension) = pool.get_extension_by_name("google.api.field_behavior") else {
            return Self(Vec::new());
        };
        match field.options().get_extension(&extension).as_ref() {
            Value::List(values) => Self(values.iter().filter_map(Value::as_enum_number).collect()),
            _ => Self(Vec::new()),
        }
    }

    pub(crate) fn has(&self, behaviour: Behaviour) -> bool {
        self.0.contains(&(behaviour as i32))
    }
}
