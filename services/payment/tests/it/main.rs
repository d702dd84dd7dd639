//! Payment as a whole: a real server, real databases, a real NATS server.

#![allow(clippy::unwrap_used)]

mod captures;
mod checkout;
mod payouts;
mod providers;
mod release;
mod sandbox;
mod seals;
mod setting;
mod wallets;
