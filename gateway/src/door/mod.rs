//! Where HTTP comes in.

mod cors;
mod finish;
mod handle;
mod ids;
mod observe;
mod own;
mod server;
mod unread;
mod workers;

pub(crate) use self::{
    own::{Documents, PATHS, documents},
    server::{Shard, serve},
    workers::Worker,
};
