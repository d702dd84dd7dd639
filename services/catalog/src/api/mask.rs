//! Which fields an update takes from its request (AIP-134).

use runtime::Violations;

/// Tells the fields that are taken. Without a mask these are the populated ones; `*` means every field that may change.
pub(super) struct Mask(Vec<&'static str>);

impl Mask {
    /// `fields` may change, each with whether the request populates it. Any other path in the mask is named as a violation.
    pub(super) fn new(check: &mut Violations, paths: Option<&[String]>, fields: &[(&'static str, bool)]) -> Self {
        let paths = paths.unwrap_or_default();
        if paths.is_empty() {
            return Self(fields.iter().filter(|(_, populated)| *populated).map(|(field, _)| *field).collect());
        }
        let mut taken = Vec::with_capacity(fields.len());
        for path in paths {
            match fields.iter().find(|(field, _)| field == path) {
                Some((field, _)) => taken.push(*field),
                None if path == "*" => taken.extend(fields.iter().map(|(field, _)| *field)),
                None => check.add("update_mask", format!("{path} is not a field that can be changed")),
            }
        }
        Self(taken)
    }

    /// Moves a field from the request to what is stored, if the mask takes it.
    pub(super) fn take<T>(&self, field: &str, stored: &mut T, requested: T) {
        if self.0.contains(&field) {
            *stored = requested;
        }
    }
}
