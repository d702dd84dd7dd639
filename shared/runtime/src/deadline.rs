//! Deadlines that shrink along the way: a call gets what is left of its caller's time.

use std::{future::Future, time::Duration};

use tokio::time::Instant;

tokio::task_local! {
    static DEADLINE: Instant;
}

/// What a caller keeps for itself, to tell its own caller that time ran out.
const MARGIN: Duration = Duration::from_millis(20);

/// The time that a call has when nobody said.
pub(crate) const DEFAULT: Duration = Duration::from_secs(10);

/// When the request being served must have its answer; nothing outside of a request.
pub fn deadline() -> Option<Instant> {
    DEADLINE.try_with(|deadline| *deadline).ok()
}

/// Runs a future whose calls must be answered within this time.
pub async fn within<F: Future>(time: Duration, future: F) -> F::Output {
    DEADLINE.scope(Instant::now() + time, future).await
}

/// What a call made now may take.
pub(crate) fn remaining() -> Duration {
    deadline().map_or(DEFAULT, |deadline| {
        deadline.saturating_duration_since(Instant::now()).saturating_sub(MARGIN)
    })
}

/// Whether the request being served has no time left in which a peer could answer. What then fails does so
/// because our caller waits no longer, and not because anything is wrong.
pub fn is_late() -> bool {
    // Timers and timeouts are exact to a millisecond.
    const TICK: Duration = Duration::from_millis(1);
    deadline().is_some() && remaining() <= TICK
}

/// The value of a `grpc-timeout` header: at most eight digits and a unit (gRPC over HTTP/2).
pub(crate) fn parse(value: &str) -> Option<Duration> {
    let (digits, unit) = value.split_at_checked(value.len().checked_sub(1)?)?;
    let count: u64 = (digits.len() <= 8).then(|| digits.parse().ok())??;
    match unit {
        "H" => Some(Duration::from_secs(count * 3_600)),
        "M" => Some(Duration::from_secs(count * 60)),
        "S" => Some(Duration::from_secs(count)),
        "m" => Some(Duration::from_millis(count)),
        "u" => Some(Duration::from_micros(count)),
        "n" => Some(Duration::from_nanos(count)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grpc_timeouts_are_read_as_the_specification_says() {
        assert_eq!(parse("15S"), Some(Duration::from_secs(15)));
        assert_eq!(parse("250m"), Some(Duration::from_millis(250)));
        assert_eq!(parse("2H"), Some(Duration::from_secs(7_200)));
        for bad in ["", "S", "15", "15s", "123456789S", "-1S"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
