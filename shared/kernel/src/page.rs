//! Keyset paging: opaque tokens that are bound to what they page through.

use std::hash::{DefaultHasher, Hash, Hasher};

use uuid::Uuid;

/// How many items a page may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageSize(u32);

/// Why a page cannot be served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPage {
    /// A negative page size.
    #[error("must not be negative")]
    Size,
    /// A token that is none, or that belongs to another list, filter or principal.
    #[error("does not belong to this list")]
    Token,
}

impl PageSize {
    /// What an absent size means.
    pub const DEFAULT: u32 = 20;
    /// Larger sizes are cut down to this one (AIP-158).
    pub const MAX: u32 = 100;

    /// The size that a request asks for; 0 means the default.
    ///
    /// # Errors
    /// A negative size.
    pub fn parse(size: i32) -> Result<Self, InvalidPage> {
        match u32::try_from(size).map_err(|_| InvalidPage::Size)? {
            0 => Ok(Self(Self::DEFAULT)),
            size => Ok(Self(size.min(Self::MAX))),
        }
    }

    /// The number of items.
    pub const fn get(self) -> u64 {
        self.0 as u64
    }
}

/// Where the next page begins: after this key, in a list that is known by a hash of its filter and principal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageToken {
    /// The sort position of the last item, such as its time; 0 where ids alone decide.
    pub position: i64,
    /// The id of the last item.
    pub id: Uuid,
}

impl PageToken {
    /// The opaque text of this position. `list` is whatever tells the list from others: its name, the filter, the principal.
    pub fn encode(self, list: &impl Hash) -> String {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&fingerprint(list).to_be_bytes());
        bytes[8..16].copy_from_slice(&self.position.to_be_bytes());
        bytes[16..].copy_from_slice(self.id.as_bytes());
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The position that a text stands for; none for an empty text, which means the first page.
    ///
    /// # Errors
    /// A text that this list did not give out.
    pub fn decode(text: &str, list: &impl Hash) -> Result<Option<Self>, InvalidPage> {
        if text.is_empty() {
            return Ok(None);
        }
        if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(InvalidPage::Token);
        }
        let mut bytes = [0; 32];
        for (place, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[place * 2..place * 2 + 2], 16).map_err(|_| InvalidPage::Token)?;
        }
        let eight = |from: usize| -> [u8; 8] { bytes[from..from + 8].try_into().expect("the range has eight bytes") };
        if u64::from_be_bytes(eight(0)) != fingerprint(list) {
            return Err(InvalidPage::Token);
        }
        let id = Uuid::from_slice(&bytes[16..]).expect("the range has sixteen bytes");
        Ok(Some(Self {
            position: i64::from_be_bytes(eight(8)),
            id,
        }))
    }
}

/// Guards against mistakes, not against forgery: a token gives no access that the list itself would not give.
fn fingerprint(list: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    list.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_belongs_to_its_list_only() {
        let token = PageToken {
            position: 7,
            id: Uuid::from_u128(9),
        };
        let text = token.encode(&("orders", "buyer"));
        assert_eq!(PageToken::decode(&text, &("orders", "buyer")), Ok(Some(token)));
        assert_eq!(PageToken::decode(&text, &("orders", "seller")), Err(InvalidPage::Token));
        assert_eq!(PageToken::decode("", &("orders", "buyer")), Ok(None));
        for bad in ["zz", &text.replacen('0', "+", 1), &text.replacen('0', "é", 1)] {
            assert_eq!(PageToken::decode(bad, &("orders", "buyer")), Err(InvalidPage::Token), "{bad}");
        }
    }

    #[test]
    fn a_page_has_a_size_within_bounds() {
        assert_eq!(PageSize::parse(0).unwrap().get(), 20);
        assert_eq!(PageSize::parse(1_000).unwrap().get(), 100);
        assert_eq!(PageSize::parse(-1), Err(InvalidPage::Size));
    }
}
