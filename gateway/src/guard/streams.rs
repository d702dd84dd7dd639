//! How many streams each account has open at once, in this process.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Arc, Mutex},
};

use http::StatusCode;
use kernel::AccountId;

use crate::answer::Problem;

/// All streams that are open.
pub(crate) struct Streams {
    most: u32,
    open: Mutex<HashMap<AccountId, u32>>,
}

/// A stream that counts until this is dropped.
pub(crate) struct OpenStream {
    streams: Arc<Streams>,
    account: AccountId,
}

impl Streams {
    /// So many for each account; 0 is without limit.
    pub(crate) fn new(most: u32) -> Self {
        Self {
            most,
            open: Mutex::default(),
        }
    }

    /// Counts a stream of an account; one of nobody's does not count.
    ///
    /// # Errors
    /// 429 when the account has as many as it may.
    pub(crate) fn open(self: &Arc<Self>, account: Option<AccountId>) -> Result<Option<OpenStream>, Problem> {
        let Some(account) = account.filter(|_| self.most > 0) else {
            return Ok(None);
        };
        let mut open = self.open.lock().expect("no holder of this lock panics");
        let count = open.entry(account).or_default();
        if *count >= self.most {
            let detail = format!("this account has {} streams open, which is as many as it may", self.most);
            return Err(Problem::new(StatusCode::TOO_MANY_REQUESTS, "TOO_MANY_STREAMS", detail));
        }
        *count += 1;
        let streams = Arc::clone(self);
        Ok(Some(OpenStream { streams, account }))
    }
}

impl Drop for OpenStream {
    fn drop(&mut self) {
        let mut open = self.streams.open.lock().expect("no holder of this lock panics");
        if let Entry::Occupied(mut count) = open.entry(self.account) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }
}
