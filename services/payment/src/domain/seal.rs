//! Seals: the ledger's committed transfers in batches, each chained to
//! the one before by SHA-256, so that nobody changes the past unnoticed.
//!
//! A seal names its transfers and has a hash of each (with the two entries that it left); its own hash covers those and the seal before.
//! Whoever keeps the newest hash elsewhere holds all of history in it.

use kernel::TransferId;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// A SHA-256 hash.
pub(crate) type Hash = [u8; 32];

/// How many bytes stand for a member in a seal's row.
const MEMBER: usize = 16 + 32;

/// A transfer and the entries that it left, as they stand in the journal.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Posting {
    /// The transfer's id.
    pub(crate) id: TransferId,
    /// When it was made: microseconds since 1970, as its row has it.
    pub(crate) created: i64,
    /// Everything about it, field by field.
    pub(crate) fields: Vec<Field>,
    /// The same of the entries that it left, the debit before the credit.
    pub(crate) entries: Vec<Vec<Field>>,
}

/// One column of a row.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Field {
    Id(Uuid),
    Number(i64),
    Text(String),
}

impl Posting {
    fn hash(&self) -> Hash {
        let mut hash = Sha256::new_with_prefix(b"tradewind posting 1");
        for row in std::iter::once(&self.fields).chain(&self.entries) {
            count(&mut hash, row.len());
            for field in row {
                field.put(&mut hash);
            }
        }
        hash.finalize().into()
    }
}

impl Field {
    /// Each kind by a letter of its own and texts by their lengths, so that no two rows look the same.
    fn put(&self, hash: &mut Sha256) {
        match self {
            Self::Id(id) => {
                hash.update(b"i");
                hash.update(id.as_bytes());
            }
            Self::Number(number) => {
                hash.update(b"n");
                hash.update(number.to_be_bytes());
            }
            Self::Text(text) => {
                hash.update(b"t");
                count(hash, text.len());
                hash.update(text);
            }
        }
    }
}

fn count(hash: &mut Sha256, count: usize) {
    hash.update((count as u64).to_be_bytes());
}

/// A transfer that a seal holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Member {
    /// Which.
    pub(crate) transfer: TransferId,
    /// The hash of it and its entries when it was sealed.
    pub(crate) hash: Hash,
}

impl Member {
    pub(crate) fn of(posting: &Posting) -> Self {
        Self {
            transfer: posting.id,
            hash: posting.hash(),
        }
    }

    /// The members of a seal as its row has them.
    fn pack(members: &[Self]) -> Vec<u8> {
        let bytes = members
            .iter()
            .flat_map(|member| member.transfer.uuid().into_bytes().into_iter().chain(member.hash));
        bytes.collect()
    }

    /// What [`Member::pack`] packed; bytes that do not make up a member are left out, and make another hash.
    pub(crate) fn unpack(bytes: &[u8]) -> Vec<Self> {
        let (members, _) = bytes.as_chunks::<MEMBER>();
        let member = |bytes: &[u8; MEMBER]| {
            let (id, hash) = bytes.split_first_chunk::<16>()?;
            Some(Self {
                transfer: TransferId::from_uuid(Uuid::from_bytes(*id)),
                hash: hash.try_into().ok()?,
            })
        };
        members.iter().filter_map(member).collect()
    }
}

/// A batch of transfers, sealed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Seal {
    /// 1, 2, 3 …
    pub(crate) number: i64,
    /// The hash of the seal before; zeros before the first.
    pub(crate) previous: Hash,
    /// Its own hash, over the seal before and its members.
    pub(crate) hash: Hash,
    /// The members, packed.
    pub(crate) members: Vec<u8>,
}

/// Where the chain stands.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Chain {
    /// The newest seal; 0 before the first.
    pub(crate) number: i64,
    /// The newest seal's hash; zeros before the first.
    pub(crate) hash: Hash,
    /// The newest transfer that was sealed in its turn.
    pub(crate) sealed: Position,
    /// The newest transfer that was looked at once more, for others that committed late and were passed over.
    pub(crate) swept: Position,
}

/// A transfer's place in time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Position {
    /// When it was made: microseconds since 1970.
    pub(crate) created: i64,
    /// Its id, which orders those of one time.
    pub(crate) transfer: Uuid,
}

impl Position {
    pub(crate) fn of(posting: &Posting) -> Self {
        Self {
            created: posting.created,
            transfer: posting.id.uuid(),
        }
    }
}

impl Chain {
    pub(crate) fn start() -> Self {
        Self {
            number: 0,
            hash: [0; 32],
            sealed: Position::default(),
            swept: Position::default(),
        }
    }

    /// The next seal over these members.
    pub(crate) fn seal(&mut self, members: &[Member]) -> Seal {
        let members = Member::pack(members);
        let (number, previous) = (self.number + 1, self.hash);
        let hash = hash_of(number, &previous, &members);
        (self.number, self.hash) = (number, hash);
        Seal {
            number,
            previous,
            hash,
            members,
        }
    }
}

impl Seal {
    /// Whether it is what it was when it was made.
    pub(crate) fn is_whole(&self) -> bool {
        self.hash == hash_of(self.number, &self.previous, &self.members)
    }

    /// The seal in a text, to be kept elsewhere: `7:` and 64 hexadecimal digits.
    pub(crate) fn text(number: i64, hash: &Hash) -> String {
        let digits: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{number}:{digits}")
    }
}

fn hash_of(number: i64, previous: &Hash, members: &[u8]) -> Hash {
    let mut hash = Sha256::new_with_prefix(b"tradewind seal 1");
    hash.update(number.to_be_bytes());
    hash.update(previous);
    count(&mut hash, members.len());
    hash.update(members);
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn posting(id: u128, texts: &[String]) -> Posting {
        Posting {
            id: TransferId::from_uuid(Uuid::from_u128(id)),
            created: 0,
            fields: texts.iter().cloned().map(Field::Text).collect(),
            entries: Vec::new(),
        }
    }

    #[test]
    fn each_seal_hangs_on_the_one_before() {
        let member = |id| Member::of(&posting(id, &[]));
        let (mut chain, mut other) = (Chain::start(), Chain::start());
        let (first, second) = (chain.seal(&[member(1)]), chain.seal(&[member(2), member(3)]));
        assert_eq!((first.number, second.number, second.previous), (1, 2, first.hash));
        assert!(first.is_whole() && second.is_whole());
        other.seal(&[member(4)]);
        assert_ne!(other.seal(&[member(2), member(3)]).hash, second.hash);
    }

    #[test]
    fn a_seal_that_was_touched_is_not_whole() {
        let mut seal = Chain::start().seal(&[Member::of(&posting(1, &[]))]);
        seal.members[20] ^= 1;
        assert!(!seal.is_whole());
    }

    proptest! {
        #[test]
        fn rows_that_differ_have_other_hashes(one: Vec<String>, other: Vec<String>) {
            prop_assert_eq!(posting(1, &one).hash() == posting(1, &other).hash(), one == other);
        }

        #[test]
        fn members_are_unpacked_as_they_were_packed(ids: Vec<u128>) {
            let members: Vec<Member> = ids.iter().map(|id| Member::of(&posting(*id, &[]))).collect();
            prop_assert_eq!(Member::unpack(&Member::pack(&members)), members);
        }
    }
}
