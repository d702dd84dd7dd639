//! The generated code and descriptors of every `.proto` in this folder, the single source of truth for all calls and events.
//!
//! `proto::order::v1::Order` is `tradewind.order.v1.Order`. [`pool`] serves what reflects over the protos: the gateway's routes,
//! the access rules and the OpenAPI document.

mod generated {
    #![allow(missing_docs, unreachable_pub, clippy::all)]
    include!(concat!(env!("OUT_DIR"), "/protos.rs"));
}

use std::sync::OnceLock;

pub use generated::{google, tradewind::*};
use prost_reflect::{DescriptorPool, MethodDescriptor};

/// The encoded `FileDescriptorSet` of all protos, with imports, comments and the http and access options.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));

/// Every descriptor, decoded once.
pub fn pool() -> &'static DescriptorPool {
    static POOL: OnceLock<DescriptorPool> = OnceLock::new();
    POOL.get_or_init(|| DescriptorPool::decode(DESCRIPTORS).expect("the build wrote a decodable descriptor set"))
}

/// Every RPC of these descriptors.
pub fn methods(pool: &DescriptorPool) -> impl Iterator<Item = MethodDescriptor> {
    pool.services().flat_map(|service| service.methods().collect::<Vec<_>>())
}

/// What a call of an RPC has as its path, such as `/tradewind.order.v1.OrderService/GetOrder` (gRPC over HTTP/2).
pub fn path(method: &MethodDescriptor) -> String {
    format!("/{}/{}", method.parent_service().full_name(), method.name())
}
