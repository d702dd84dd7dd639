//! TypeIDs: a UUID that says what it names, `ord_01h455vb4pex5vsknk084sn02q` (TypeID specification 0.3).

use std::fmt;

use uuid::Uuid;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// The number of characters that a UUID takes in Crockford's base 32.
const SUFFIX: usize = 26;

/// What is not an id of the expected type.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an id of the form {prefix}_ followed by 26 characters")]
pub struct InvalidId {
    /// The prefix that was expected.
    pub prefix: &'static str,
}

/// A newtype over a UUID with a prefix of its own. Made by [`id!`](crate::id).
pub trait TypeId:
    Copy + Ord + std::hash::Hash + fmt::Debug + fmt::Display + std::str::FromStr<Err = InvalidId> + Send + Sync + 'static
{
    /// Such as `ord`.
    const PREFIX: &'static str;
    /// The id that this UUID stands for.
    fn from_uuid(uuid: Uuid) -> Self;
    /// The bare UUID, as the database stores it.
    fn uuid(self) -> Uuid;
}

/// Writes a TypeID: the prefix, and the UUID in 26 characters.
pub fn write(prefix: &str, uuid: Uuid, out: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut bits = uuid.as_u128();
    let mut suffix = [0; SUFFIX];
    for place in suffix.iter_mut().rev() {
        *place = ALPHABET[(bits & 31) as usize];
        bits >>= 5;
    }
    write!(out, "{prefix}_{}", std::str::from_utf8(&suffix).expect("the alphabet is ASCII"))
}

/// The UUID of a TypeID with this prefix.
///
/// # Errors
/// Another prefix, or a suffix that is no UUID in canonical form.
pub fn parse(prefix: &'static str, text: &str) -> Result<Uuid, InvalidId> {
    let invalid = InvalidId { prefix };
    let suffix = text
        .strip_prefix(prefix)
        .and_then(|rest| rest.strip_prefix('_'))
        .ok_or_else(|| invalid.clone())?
        .as_bytes();
    // 26 characters carry 130 bits, so the first may only be 0 to 7.
    if suffix.len() != SUFFIX || suffix[0] > b'7' {
        return Err(invalid);
    }
    suffix
        .iter()
        .try_fold(0u128, |bits, character| {
            ALPHABET
                .iter()
                .position(|letter| letter == character)
                .map(|value| bits << 5 | value as u128)
        })
        .map(Uuid::from_u128)
        .ok_or(invalid)
}

/// A version 7 UUID (RFC 9562) of this time, its other bits random.
pub fn at(time: crate::Time) -> Uuid {
    let random = Uuid::new_v4().into_bytes();
    let millis = u64::try_from(time.micros() / 1_000).unwrap_or_default();
    uuid::Builder::from_unix_timestamp_millis(millis, random[6..].try_into().expect("16 bytes less 6 are 10")).into_uuid()
}

/// A version 5 UUID (RFC 9562) of a name within a parent.
pub fn derived(parent: Uuid, name: &str) -> Uuid {
    Uuid::new_v5(&parent, name.as_bytes())
}

/// Defines a newtype over a UUID that is written as a TypeID.
#[macro_export]
macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name($crate::uuid::Uuid);

        impl $name {
            /// A new id of this time; ids made later sort later.
            pub fn at(time: $crate::Time) -> Self {
                Self($crate::__id::at(time))
            }

            /// The id that follows from a parent's id and a name: always the same for the same two.
            pub fn derived(parent: impl Into<$crate::uuid::Uuid>, name: &str) -> Self {
                Self($crate::__id::derived(parent.into(), name))
            }

            /// The id that this UUID stands for.
            pub const fn from_uuid(uuid: $crate::uuid::Uuid) -> Self {
                Self(uuid)
            }

            /// The bare UUID, as the database stores it.
            pub const fn uuid(self) -> $crate::uuid::Uuid {
                self.0
            }
        }

        impl $crate::TypeId for $name {
            const PREFIX: &'static str = $prefix;

            fn from_uuid(uuid: $crate::uuid::Uuid) -> Self {
                Self(uuid)
            }

            fn uuid(self) -> $crate::uuid::Uuid {
                self.0
            }
        }

        impl From<$name> for $crate::uuid::Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                $crate::__id::write($prefix, self.0, out)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(self, out)
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::InvalidId;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $crate::__id::parse($prefix, text).map(Self)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::OrderId;

    #[test]
    fn the_specifications_vectors_hold() {
        let vectors = [
            ("00000000000000000000000000", "00000000-0000-0000-0000-000000000000"),
            ("0000000000000000000000000z", "00000000-0000-0000-0000-00000000001f"),
            ("7zzzzzzzzzzzzzzzzzzzzzzzzz", "ffffffff-ffff-ffff-ffff-ffffffffffff"),
            ("01h455vb4pex5vsknk084sn02q", "01890a5d-ac96-774b-bcce-b302099a8057"),
        ];
        for (suffix, uuid) in vectors {
            let uuid: Uuid = uuid.parse().unwrap();
            assert_eq!(parse("ord", &format!("ord_{suffix}")), Ok(uuid));
            assert_eq!(OrderId::from_uuid(uuid).to_string(), format!("ord_{suffix}"));
        }
    }

    #[test]
    fn what_is_not_an_id_is_refused() {
        for text in [
            "",
            "ord",
            "ord_",
            "pay_01h455vb4pex5vsknk084sn02q",
            "ord_8zzzzzzzzzzzzzzzzzzzzzzzzz",
            "ord_01H455VB4PEX5VSKNK084SN02Q",
            "ord_01h455vb4pex5vsknk084sn02",
            "ord_01h455vb4pex5vsknk084sn02qq",
            "ord_01h455vb4pex5vsknk084sn0iq",
            "ord__01h455vb4pex5vsknk084sn02",
        ] {
            assert!(text.parse::<OrderId>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_uuid_survives_its_text(bits: u128) {
            let id = OrderId::from_uuid(Uuid::from_u128(bits));
            prop_assert_eq!(id.to_string().parse::<OrderId>().unwrap(), id);
        }

        #[test]
        fn ids_sort_by_their_time(earlier in 0i64..1 << 50, millis in 1i64..1 << 40) {
            let (first, second) = (crate::Time::from_micros(earlier), crate::Time::from_micros(earlier + millis * 1_000));
            prop_assert!(OrderId::at(first) < OrderId::at(second));
        }
    }
}
