//! quotations
