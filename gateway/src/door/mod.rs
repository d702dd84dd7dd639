//! Where HTTP comes in.

mod activity;
mod connection;
mod cors;
mod files;
mod finish;
mod handle;
mod heads;
mod ids;
mod observe;
mod own;
mod server;
mod unread;
mod workers;

pub(crate) use self::{
    files::most_connections,
    own::{Documents, PATHS, documents},
    server::{Shard, serve},
    workers::Worker,
};
