//! Full-text search: an index of this process's own, fed by the service's own events.
//!
//! ```text
//! catalog.v1.product_* ──> feed ──> index (one document a product, the stream's sequence in each commit) ──> ask
//! database ─────────────── rebuild, when there is no index, or it is another database's, or the stream has lost its history
//! ```
//!
//! [`Index`] is the documents in a `folder` or in memory, [`feed`] keeps them true, [`Question`] is what a search asks
//! and [`Found`] what it gets. Ranking is BM25 over fields of their own weights (Robertson and Zaragoza, The
//! Probabilistic Relevance Framework, 2009), words reduced to their stems.

mod ask;
mod document;
mod facets;
pub(crate) mod feed;
mod folder;
mod index;
#[cfg(test)]
mod index_tests;
#[cfg(test)]
mod judged;
mod position;
mod rank;
mod schema;
mod turns;
mod view;
mod words;
mod writer;

pub(crate) use self::{
    ask::{Found, Question},
    index::Index,
    rank::Order,
    turns::Turns,
    view::COLUMN_BYTES,
};
