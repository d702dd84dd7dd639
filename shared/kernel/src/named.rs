//! Enums whose variants messages and databases know by names.

/// Makes such an enum out of one list, so that no variant can be without its name, or be forgotten where a name is read.
///
/// ```
/// kernel::named! {
///     /// How big it is.
///     pub(crate) enum Size {
///         /// As big as a shoe.
///         Small = "small",
///         Large = "large",
///     }
/// }
/// assert_eq!((Size::Small.name(), Size::named("large"), Size::named("huge")), ("small", Some(Size::Large), None));
/// assert_eq!(Size::ALL, [Size::Small, Size::Large]);
/// ```
#[macro_export]
macro_rules! named {
    ($(#[$about:meta])* $vis:vis enum $noun:ident { $($(#[$doc:meta])* $variant:ident = $name:literal,)+ }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        $vis enum $noun {
            $($(#[$doc])* $variant,)+
        }

        #[allow(dead_code, reason = "not every enum is listed or read")]
        impl $noun {
            /// All of them.
            $vis const ALL: [Self; [$($name),+].len()] = [$(Self::$variant),+];

            /// Its name, as messages and the database write it.
            $vis const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }

            /// The one of this name.
            $vis fn named(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }
    };
}
