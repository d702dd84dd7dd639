//! tradewind
