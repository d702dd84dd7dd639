//! How many files the process may have open: each connection is one.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Files that are not connections of clients: those to the services, the listener, and those that are told that they are too many.
const OTHERS: u64 = 256;

/// Raises what the process may have open to the most that it may, as servers do: the usual 1,024 stem from a time when programs could not
/// tell more apart (`select`). Then tells how many connections that leaves room for, if it is fewer than these; 0 are without limit.
pub(crate) fn most_connections(wanted: usize) -> usize {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        ..limit
    };
    let files = match setrlimit(Resource::Nofile, raised) {
        Ok(()) => limit.maximum,
        Err(error) => {
            tracing::warn!(%error, "the number of files that may be open stays as it is");
            limit.current
        }
    };
    let most = within(files, wanted);
    if most < wanted {
        tracing::warn!(
            wanted,
            most,
            "there are fewer connections than `gateway.connections` says: each is an open file"
        );
    }
    most
}

/// Nothing for files is without limit.
fn within(files: Option<u64>, wanted: usize) -> usize {
    let room = files.map_or(usize::MAX, |files| {
        usize::try_from(files.saturating_sub(OTHERS).max(1)).unwrap_or(usize::MAX)
    });
    if wanted == 0 { room } else { room.min(wanted) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_connections_as_wanted_are_open_unless_files_run_out_first() {
        assert_eq!(within(Some(1 << 20), 10_000), 10_000);
        assert_eq!(within(Some(1_024), 10_000), 768);
        assert_eq!(within(Some(1_024), 0), 768);
        assert_eq!(within(Some(10), 10_000), 1);
        assert_eq!(within(None, 10_000), 10_000);
    }

    #[test]
    fn what_the_process_may_have_open_is_raised_as_far_as_it_goes() {
        assert_eq!(most_connections(1), 1);
        let limit = getrlimit(Resource::Nofile);
        assert_eq!(limit.current, limit.maximum);
    }
}
