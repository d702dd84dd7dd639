//! The gRPC stack as a whole: a real server behind its access rules, and real peers that call it.

#![allow(clippy::unwrap_used)]

mod access;
mod ageing;
mod asking;
mod deadlines;
mod ending;
mod keys;
mod problems;
mod retrying;
mod stub;
