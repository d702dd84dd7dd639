//! Keyset paging: opaque tokens that are bound to what they page through.

use std::hash::{Hash, Hasher};

use sha2::{Digest, Sha256};
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
    /// An invalid token, or one that belongs to another list, filter or principal.
    #[error("does not belong to this list")]
    Token,
}

impl Default for PageSize {
    fn default() -> Self {
        Self(Self::DEFAULT)
    }
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
    /// The place of an item in a list that ids alone order.
    pub fn at(id: impl Into<Uuid>) -> Self {
        Self {
            position: 0,
            id: id.into(),
        }
    }

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

/// The part of a list that a request asks for (AIP-158): so many items, behind one that the client has seen.
#[derive(Clone, Debug)]
pub struct Page<L> {
    list: L,
    size: PageSize,
    after: Option<PageToken>,
}

impl<L: Hash> Page<L> {
    /// A page of the list that this token was given out for; the first one without a token.
    pub fn new(list: L, size: PageSize, after: Option<PageToken>) -> Self {
        Self { list, size, after }
    }

    /// How many items it may have.
    pub fn size(&self) -> u64 {
        self.size.get()
    }

    /// The item that it follows; none at the beginning of the list.
    pub fn after(&self) -> Option<PageToken> {
        self.after
    }

    /// How many items to read: one more than it may have, which tells whether there is another page.
    pub fn limit(&self) -> u64 {
        self.size() + 1
    }

    /// Cuts what was read to size, and gives the token of the next page; an empty one when there is none.
    pub fn cut<T>(&self, items: &mut Vec<T>, place: impl Fn(&T) -> PageToken) -> String {
        let more = items.len() as u64 > self.size();
        items.truncate(self.size.0 as usize);
        items
            .last()
            .filter(|_| more)
            .map(|last| self.token(place(last)))
            .unwrap_or_default()
    }

    /// The token of a page of the same list that follows this place.
    pub fn token(&self, place: PageToken) -> String {
        place.encode(&self.list)
    }
}

/// Guards against mistakes, not against forgery: a token gives no access that the list itself would not give.
fn fingerprint(list: &impl Hash) -> u64 {
    let mut hasher = Stable::default();
    list.hash(&mut hasher);
    hasher.finish()
}

/// The first bytes of SHA-256: tokens outlive the process that gave them out, and other replicas read them, built for another machine or by
/// another compiler. What a type tells of itself is up to the type; a test notices when the usual ones tell something else.
#[derive(Default)]
struct Stable(Sha256);

impl Hasher for Stable {
    fn finish(&self) -> u64 {
        let hash = self.0.clone().finalize();
        u64::from_be_bytes(hash[..8].try_into().expect("SHA-256 has 32 bytes"))
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    // By default numbers are written as the machine keeps them.
    fn write_u16(&mut self, number: u16) {
        self.write(&number.to_le_bytes());
    }

    fn write_u32(&mut self, number: u32) {
        self.write(&number.to_le_bytes());
    }

    fn write_u64(&mut self, number: u64) {
        self.write(&number.to_le_bytes());
    }

    fn write_u128(&mut self, number: u128) {
        self.write(&number.to_le_bytes());
    }

    fn write_usize(&mut self, number: usize) {
        self.write_u64(number as u64);
    }
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
    fn a_token_is_the_same_whatever_built_the_process_that_gives_it_out() {
        let token = PageToken {
            position: 7,
            id: Uuid::from_u128(9),
        };
        let text = token.encode(&("orders", Some(Uuid::from_u128(1)), 3_i64, true, vec!["paid"]));
        assert_eq!(text, "d8f37f20662ddbc7000000000000000700000000000000000000000000000009");
    }

    #[test]
    fn a_page_says_whether_there_is_another_one_and_where_it_begins() {
        let page = Page::new("list", PageSize::parse(2).unwrap(), None);
        let place = |item: &u128| PageToken::at(Uuid::from_u128(*item));
        let mut items = vec![1, 2, 3];
        let token = page.cut(&mut items, place);
        assert_eq!((items.as_slice(), page.limit()), ([1, 2].as_slice(), 3));
        assert_eq!(PageToken::decode(&token, &"list"), Ok(Some(place(&2))));
        assert_eq!(page.cut(&mut items, place), "");
        assert_eq!(items, [1, 2]);
    }

    #[test]
    fn a_page_has_a_size_within_bounds() {
        assert_eq!(PageSize::parse(0).unwrap().get(), 20);
        assert_eq!(PageSize::parse(1_000).unwrap().get(), 100);
        assert_eq!(PageSize::parse(-1), Err(InvalidPage::Size));
    }
}
