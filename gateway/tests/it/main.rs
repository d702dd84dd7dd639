//! The gateway on a real socket, in front of a real gRPC service.

mod doors;
mod json;
mod problems;
mod routing;
mod setting;
mod streams;
mod trial;
