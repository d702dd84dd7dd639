//! The fields that a request must have: what [`super::Violations::finish`] takes as they were read and hands out as they are.

/// One field, a tuple of several, or `()`.
pub trait Fields {
    /// The fields without a doubt.
    type Present;

    /// All of them, unless one is missing.
    fn present(self) -> Option<Self::Present>;
}

impl Fields for () {
    type Present = ();

    fn present(self) -> Option<()> {
        Some(())
    }
}

impl<T> Fields for Option<T> {
    type Present = T;

    fn present(self) -> Self {
        self
    }
}

macro_rules! tuples {
    ($(($($field:ident)+))+) => {$(
        impl<$($field),+> Fields for ($(Option<$field>,)+) {
            type Present = ($($field,)+);

            #[expect(non_snake_case, reason = "each field is named by its type")]
            fn present(self) -> Option<Self::Present> {
                let ($($field,)+) = self;
                Some(($($field?,)+))
            }
        }
    )+};
}

tuples! { (A B) (A B C) (A B C D) (A B C D E) (A B C D E F) (A B C D E F G) (A B C D E F G H) }
