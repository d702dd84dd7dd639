//! Rows, and how they become nouns and back.

pub(crate) mod conversation;
pub(crate) mod facts;
pub(crate) mod message;
pub(crate) mod migrations;
pub(crate) mod notification;
pub(crate) mod trade;
