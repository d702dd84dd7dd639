//! Answers that are bytes already.

use bytes::{Buf, BufMut, Bytes};
use prost::{
    DecodeError, Message,
    encoding::{DecodeContext, WireType, encode_key, encode_varint, skip_field},
};
use runtime::Problem;
use tonic::Status;

/// A message that was encoded before, and is sent as it is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Encoded(Bytes);

impl Encoded {
    /// What `message.encode_to_vec()` once gave.
    pub(super) fn new(bytes: impl Into<Bytes>) -> Self {
        Self(bytes.into())
    }

    /// A list of encoded messages in field 1, and the token of the next page in field 2, as every list response of ours is laid out.
    pub(super) fn list<'a>(items: impl Iterator<Item = &'a Bytes> + Clone, next_page_token: &str) -> Vec<u8> {
        let room = items.clone().map(|item| item.len() + 8).sum::<usize>() + next_page_token.len() + 8;
        let mut bytes = Vec::with_capacity(room);
        let mut put = |field, value: &[u8]| {
            encode_key(field, WireType::LengthDelimited, &mut bytes);
            encode_varint(value.len() as u64, &mut bytes);
            bytes.put_slice(value);
        };
        items.for_each(|item| put(1, item));
        if !next_page_token.is_empty() {
            put(2, next_page_token.as_bytes());
        }
        bytes
    }

    /// The message itself, for a caller that wants to look inside.
    pub(super) fn decode<M: Message + Default>(self) -> Result<M, Status> {
        M::decode(self.0).map_err(|error| Problem::internal(error).into())
    }
}

impl Message for Encoded {
    fn encode_raw(&self, buffer: &mut impl BufMut) {
        buffer.put_slice(&self.0);
    }

    fn merge_field(&mut self, tag: u32, wire_type: WireType, buffer: &mut impl Buf, context: DecodeContext) -> Result<(), DecodeError> {
        skip_field(wire_type, tag, buffer, context)
    }

    fn encoded_len(&self) -> usize {
        self.0.len()
    }

    fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use proto::catalog::v1::{ListProductsResponse, Product};

    use super::*;

    #[test]
    fn a_list_of_encoded_items_is_the_encoded_list() {
        let product = |title: &str| Product {
            title: title.to_owned(),
            ..Product::default()
        };
        let list = ListProductsResponse {
            products: vec![product("one"), product(&"two".repeat(100)), Product::default()],
            next_page_token: "next".to_owned(),
        };
        let items: Vec<Bytes> = list.products.iter().map(|product| product.encode_to_vec().into()).collect();
        assert_eq!(Encoded::list(items.iter(), "next"), list.encode_to_vec());
        assert_eq!(
            Encoded::new(Encoded::list(items.iter(), "next"))
                .decode::<ListProductsResponse>()
                .unwrap(),
            list
        );
        assert!(Encoded::list([].into_iter(), "").is_empty());
    }
}
