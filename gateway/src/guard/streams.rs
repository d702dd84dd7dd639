//! How many streams each account has open at once, in this process.

use std::sync::Arc;

use http::StatusCode;
use kernel::AccountId;

use super::shares::{Share, Shares};
use crate::answer::Problem;

/// All streams that are open.
pub(crate) struct Streams(Arc<Shares<AccountId>>);

/// A stream that counts until this is dropped.
pub(crate) type OpenStream = Share<AccountId>;

impl Streams {
    /// So many for each account; 0 is without limit.
    pub(crate) fn new(most: u32) -> Self {
        Self(Shares::new(most))
    }

    /// Counts a stream of an account; one of nobody's does not count.
    ///
    /// # Errors
    /// 429 when the account has as many as it may.
    pub(crate) fn open(&self, account: Option<AccountId>) -> Result<Option<OpenStream>, Problem> {
        let Some(account) = account else { return Ok(None) };
        let open = self.0.take(account);
        open.map(Some).ok_or_else(|| {
            let detail = format!("this account has {} streams open, which is as many as it may", self.0.most());
            Problem::new(StatusCode::TOO_MANY_REQUESTS, "TOO_MANY_STREAMS", detail)
        })
    }
}
