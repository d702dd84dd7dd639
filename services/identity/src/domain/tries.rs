//! Wrong passwords for one address, and how long they close it to further tries.

use std::time::Duration;

use kernel::Time;

use super::Refusal;

/// Wrong passwords that cost nothing.
const FREE: u32 = 5;

/// No more are counted than make the longest wait.
const MOST: u32 = FREE + 7;

/// The longest that an address is closed. The right password does not open it sooner, or nothing would be
/// closed to whoever guesses; so it is short, because anyone can close the address of somebody else. It
/// lets 60 guesses an hour through, and OWASP's ASVS 4.0, 2.2.1 allows 100.
const LONGEST: Duration = Duration::from_secs(60);

/// After so long without a wrong password one of them is forgotten.
const FORGET: Duration = Duration::from_secs(900);

/// When all of them are.
pub(crate) const FORGOTTEN: Duration = FORGET.saturating_mul(MOST);

/// The wrong passwords that are not forgotten yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tries {
    pub(crate) failed: u32,
    /// When the last of them was, or ends to close the address.
    pub(crate) closed_until: Time,
}

impl Tries {
    /// Whether anybody may try; after wrong passwords, nobody may for a while.
    pub(crate) fn must_be_open(&self, now: Time) -> Result<(), Refusal> {
        let wait = self.closed_until.since(now);
        if wait.is_zero() { Ok(()) } else { Err(Refusal::TooManyTries(wait)) }
    }

    /// A wrong password: after some of them each doubles the wait. Of many that were tried at once, those after the one that closed the
    /// address do not count, and are not told that they were wrong.
    pub(crate) fn fail(&mut self, now: Time) -> Result<(), Refusal> {
        self.must_be_open(now)?;
        let quiet = now.since(self.closed_until).as_secs() / FORGET.as_secs();
        let remembered = self.failed.saturating_sub(u32::try_from(quiet).unwrap_or(u32::MAX));
        self.failed = (remembered + 1).min(MOST);
        let wait = match self.failed.checked_sub(FREE + 1) {
            None => Duration::ZERO,
            Some(doublings) => Duration::from_secs(1 << doublings).min(LONGEST),
        };
        self.closed_until = now.plus(wait);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So many wrong passwords, each as soon as it may be tried, and how many seconds each then closes.
    fn fail(tries: &mut Tries, now: &mut Time, times: usize) -> Vec<u64> {
        let waits = (0..times).map(|_| {
            tries.fail(*now).unwrap();
            let wait = tries.closed_until.since(*now);
            assert_eq!(tries.must_be_open(*now).is_err(), !wait.is_zero());
            *now = now.plus(wait);
            wait.as_secs()
        });
        waits.collect()
    }

    #[test]
    fn wrong_passwords_cost_ever_more_time_up_to_a_minute() {
        let (mut tries, mut now) = (Tries::default(), Time::from_micros(1_000_000));
        assert_eq!(fail(&mut tries, &mut now, 14), [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60]);
        tries.fail(now).unwrap();
        assert!(matches!(tries.fail(now), Err(Refusal::TooManyTries(_))));
    }

    #[test]
    fn wrong_passwords_are_forgotten_one_by_one() {
        let (mut tries, mut now) = (Tries::default(), Time::from_micros(1_000_000));
        fail(&mut tries, &mut now, 100);
        now = now.plus(FORGET * 7);
        assert_eq!(fail(&mut tries, &mut now, 2), [1, 2]);
        now = now.plus(FORGOTTEN);
        assert_eq!(fail(&mut tries, &mut now, 6), [0, 0, 0, 0, 0, 1]);
    }
}
