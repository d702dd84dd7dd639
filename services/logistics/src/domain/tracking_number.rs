//! Tracking numbers, among them those of the Universal Postal Union's standard S10.

use std::{fmt, str::FromStr};

use kernel::OrderId;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Country;

/// What the eight digits of an S10 serial number count in its check digit.
const WEIGHTS: [u32; 8] = [8, 6, 4, 2, 3, 5, 9, 7];

/// The longest number that is taken; carriers' own numbers have at most 35 characters.
const LONGEST: usize = 40;

/// A number that a carrier knows a parcel by: upper-case letters, digits and dashes.
///
/// What has the form of S10 (two letters, eight digits, a check digit, a country) must be one: its check digit and its country hold.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct TrackingNumber(String);

/// Why a text is no tracking number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InvalidTrackingNumber {
    /// Too short, too long, or with other characters.
    #[error("must have 5 to 40 letters, digits and dashes")]
    Form,
    /// The ninth digit does not follow from the eight before it.
    #[error("has the form of an S10 number, but a wrong check digit")]
    CheckDigit,
    /// The last two letters name no country.
    #[error("has the form of an S10 number, but names no country")]
    Country,
}

impl TrackingNumber {
    /// The S10 number of a service (such as `RA`), a serial number below 100,000,000 and the country that issues it.
    fn s10(service: [char; 2], serial: u32, country: Country) -> Self {
        let serial = serial % 100_000_000;
        let [first, second] = service;
        Self(format!("{first}{second}{serial:08}{}{country}", check_digit(serial)))
    }

    /// A number of the sandbox carrier for an order. The number follows from
    /// the order; another attempt gives another one, for when it is taken.
    pub(crate) fn sandbox(order: OrderId, attempt: u32, country: Country) -> Self {
        let bits = Uuid::new_v5(&order.uuid(), format!("tracking number {attempt}").as_bytes()).as_u128();
        let letter = char::from(b'A' + (bits >> 64) as u8 % 26);
        let serial = u32::try_from(bits % 100_000_000).expect("a remainder of 100,000,000 fits into 32 bits");
        Self::s10(['L', letter], serial, country)
    }

    /// The number itself.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// 11 less the weighted sum modulo 11; 10 becomes 0 and 11 becomes 5.
fn check_digit(serial: u32) -> u32 {
    let digits = (0..8).map(|place| serial / 10u32.pow(7 - place) % 10);
    let sum: u32 = digits.zip(WEIGHTS).map(|(digit, weight)| digit * weight).sum();
    match 11 - sum % 11 {
        10 => 0,
        11 => 5,
        digit => digit,
    }
}

fn has_the_form_of_s10(number: &[u8]) -> bool {
    number.len() == 13
        && number[..2].iter().chain(&number[11..]).all(u8::is_ascii_uppercase)
        && number[2..11].iter().all(u8::is_ascii_digit)
}

impl FromStr for TrackingNumber {
    type Err = InvalidTrackingNumber;

    /// Spaces are left out, and lower case is raised: people copy numbers from labels.
    fn from_str(text: &str) -> Result<Self, InvalidTrackingNumber> {
        let number: String = text.split_whitespace().collect::<String>().to_ascii_uppercase();
        let allowed = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
        if !(5..=LONGEST).contains(&number.len()) || !number.chars().all(allowed) {
            return Err(InvalidTrackingNumber::Form);
        }
        if has_the_form_of_s10(number.as_bytes()) {
            let serial: u32 = number[2..10].parse().expect("eight digits are a number");
            if number[10..11] != check_digit(serial).to_string() {
                return Err(InvalidTrackingNumber::CheckDigit);
            }
            number[11..].parse::<Country>().map_err(|_| InvalidTrackingNumber::Country)?;
        }
        Ok(Self(number))
    }
}

impl TryFrom<String> for TrackingNumber {
    type Error = InvalidTrackingNumber;

    fn try_from(text: String) -> Result<Self, InvalidTrackingNumber> {
        text.parse()
    }
}

impl From<TrackingNumber> for String {
    fn from(number: TrackingNumber) -> Self {
        number.0
    }
}

impl fmt::Display for TrackingNumber {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl fmt::Debug for TrackingNumber {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::samples::{country, order};

    #[test]
    fn the_standards_own_example_holds() {
        assert_eq!(check_digit(47_312_482), 9);
        assert_eq!(TrackingNumber::s10(['E', 'E'], 47_312_482, country("CN")).as_str(), "EE473124829CN");
    }

    #[test]
    fn what_looks_like_s10_must_be_s10() {
        let parse = |text: &str| text.parse::<TrackingNumber>();
        assert_eq!(parse("rb 123 456 785 gb").unwrap().as_str(), "RB123456785GB");
        assert_eq!(parse("RB123456786US"), Err(InvalidTrackingNumber::CheckDigit));
        assert_eq!(parse("RB123456785XX"), Err(InvalidTrackingNumber::Country));
        assert_eq!(parse("1Z999AA10123456784").unwrap().as_str(), "1Z999AA10123456784");
        for text in ["", "1234", "ÄÖÜÄÖÜ", "RB1234567_85", &"1".repeat(41)] {
            assert_eq!(parse(text), Err(InvalidTrackingNumber::Form), "{text}");
        }
    }

    /// The examples of github.com/jkeen/tracking_number_data, `couriers/s10.json`.
    #[test]
    fn published_examples_are_told_apart() {
        for valid in ["RB123456785GB", "RB123456785US", "RB123456785CV", "RB123456785CF"] {
            assert!(valid.parse::<TrackingNumber>().is_ok(), "{valid}");
        }
        for invalid in ["RB123456786US", "RB123456785XX"] {
            assert!(invalid.parse::<TrackingNumber>().is_err(), "{invalid}");
        }
    }

    proptest! {
        #[test]
        fn every_number_that_we_make_is_valid(number: u128, attempt in 0u32..8) {
            let made = TrackingNumber::sandbox(order(number), attempt, country("DE"));
            prop_assert_eq!(made.as_str().parse::<TrackingNumber>().unwrap(), made.clone());
            prop_assert_ne!(made, TrackingNumber::sandbox(order(number), attempt + 1, country("DE")));
        }

        #[test]
        fn one_wrong_digit_is_noticed(serial in 0u32..100_000_000, place in 2usize..10, by in 1u8..10) {
            let mut number = TrackingNumber::s10(['R', 'A'], serial, country("DE")).0.into_bytes();
            number[place] = b'0' + (number[place] - b'0' + by) % 10;
            let spoilt = String::from_utf8(number).unwrap();
            // 11 - S = 10 and S = 6, or 11 - S = 5 and 11, share a digit: the standard's own weakness.
            let sum = |text: &str| (0..8).map(|place| text[2 + place..3 + place].parse::<u32>().unwrap() * WEIGHTS[place]).sum::<u32>() % 11;
            let remainders = [sum(&format!("RA{serial:08}")), sum(&spoilt)];
            prop_assume!(!(remainders.contains(&0) && remainders.contains(&6)));
            prop_assert_eq!(spoilt.parse::<TrackingNumber>(), Err(InvalidTrackingNumber::CheckDigit));
        }
    }
}
