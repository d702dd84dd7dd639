//! Money and points in time as the protos write them, in both directions.
//!
//! What is read here was written by another service of ours. What a client sends is
//! looked at by [`Violations`](crate::Violations), which name its fields.

use kernel::{Money, Time, UnknownCurrency};
use prost_types::Timestamp;
use proto::money::v1::Money as MoneyMessage;

/// Why a message of another service does not say what it must.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// There is no amount where there must be one.
    #[error("an amount is missing")]
    NoAmount,
    /// An amount in no currency that we know.
    #[error("an amount's currency is {0}")]
    Currency(#[from] UnknownCurrency),
    /// There is no time where there must be one.
    #[error("a time is missing")]
    NoTime,
    /// A time that cannot be counted in microseconds.
    #[error("a time is out of range")]
    Time,
}

/// Money as the protos write it.
pub fn money(money: Money) -> MoneyMessage {
    MoneyMessage {
        minor_units: money.minor_units(),
        currency: money.currency().code().to_owned(),
    }
}

/// The money that a message must name.
///
/// # Errors
/// No message, or one in no currency.
pub fn read_money(message: Option<&MoneyMessage>) -> Result<Money, Unreadable> {
    let message = message.ok_or(Unreadable::NoAmount)?;
    Ok(Money::new(message.minor_units, message.currency.parse()?))
}

/// A point in time as the protos write it.
pub fn timestamp(time: Time) -> Timestamp {
    let (seconds, micros) = (time.micros().div_euclid(1_000_000), time.micros().rem_euclid(1_000_000));
    Timestamp {
        seconds,
        nanos: i32::try_from(micros * 1_000).expect("less than a second of nanoseconds"),
    }
}

/// The point in time that a message must name, without what it says beyond microseconds.
///
/// # Errors
/// No message, or a time that is too far away.
pub fn read_timestamp(message: Option<&Timestamp>) -> Result<Time, Unreadable> {
    let message = message.ok_or(Unreadable::NoTime)?;
    let micros = message.seconds.checked_mul(1_000_000);
    let micros = micros.and_then(|micros| micros.checked_add(i64::from(message.nanos) / 1_000));
    micros.map(Time::from_micros).ok_or(Unreadable::Time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        for micros in [0, 1, 1_500_000, -1, -1_500_000, 1_764_061_200_123_456] {
            let time = Time::from_micros(micros);
            assert_eq!(read_timestamp(Some(&timestamp(time))), Ok(time));
        }
        for minor_units in [0, 1_250, -1, i64::MAX] {
            let amount = Money::new(minor_units, "JPY".parse().unwrap());
            assert_eq!(read_money(Some(&money(amount))), Ok(amount));
        }
    }

    #[test]
    fn what_cannot_be_read_is_told_apart() {
        let nowhere = MoneyMessage {
            minor_units: 1,
            currency: "XXX".to_owned(),
        };
        assert_eq!(read_money(None), Err(Unreadable::NoAmount));
        assert_eq!(read_money(Some(&nowhere)), Err(Unreadable::Currency(UnknownCurrency)));
        let never = Timestamp {
            seconds: i64::MAX,
            nanos: 0,
        };
        assert_eq!(read_timestamp(None), Err(Unreadable::NoTime));
        assert_eq!(read_timestamp(Some(&never)), Err(Unreadable::Time));
    }
}
