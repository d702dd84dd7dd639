//! GS1 Global Trade Item Numbers: 8, 12, 13 or 14 digits, the last of which checks the others (GS1 General Specifications, section 7.9.1).

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A GTIN whose check digit is right, as it was written.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Gtin(String);

/// Why a text is no GTIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidGtin {
    /// Another number of characters, or characters that are no digits.
    #[error("must have 8, 12, 13 or 14 digits")]
    Form,
    /// The last digit does not check the others; this one would.
    #[error("has a wrong check digit; {0} would be right")]
    CheckDigit(u8),
}

impl Gtin {
    /// Its digits, as they were written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Gtin {
    type Err = InvalidGtin;

    fn from_str(text: &str) -> Result<Self, InvalidGtin> {
        if !matches!(text.len(), 8 | 12 | 13 | 14) || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(InvalidGtin::Form);
        }
        let (body, check) = text.as_bytes().split_at(text.len() - 1);
        let right = check_digit(body);
        if check[0] - b'0' == right {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidGtin::CheckDigit(right))
        }
    }
}

/// From the right, digits weigh 3 and 1 in turn; the check digit makes the sum a multiple of ten.
fn check_digit(body: &[u8]) -> u8 {
    let weights = [3, 1].into_iter().cycle();
    let sum: u32 = body
        .iter()
        .rev()
        .zip(weights)
        .map(|(digit, weight)| u32::from(digit - b'0') * weight)
        .sum();
    u8::try_from((10 - sum % 10) % 10).expect("a remainder of ten is one digit")
}

impl From<Gtin> for String {
    fn from(gtin: Gtin) -> Self {
        gtin.0
    }
}

impl TryFrom<String> for Gtin {
    type Error = InvalidGtin;

    fn try_from(text: String) -> Result<Self, InvalidGtin> {
        text.parse()
    }
}

impl fmt::Debug for Gtin {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_of_every_length_are_known() {
        for text in ["96385074", "614141000036", "4006381333931", "10614141000415", "0095205603217"] {
            assert_eq!(text.parse::<Gtin>().unwrap().as_str(), text);
        }
    }

    #[test]
    fn what_is_no_gtin_says_why() {
        for text in ["", "4006381333", "400638133393x", "４００６３８１３", "40063813339310000"] {
            assert_eq!(text.parse::<Gtin>(), Err(InvalidGtin::Form), "{text}");
        }
        assert_eq!("4006381333932".parse::<Gtin>(), Err(InvalidGtin::CheckDigit(1)));
    }

    proptest! {
        #[test]
        fn one_wrong_digit_is_always_noticed(body in "[0-9]{12}", place in 0usize..12, change in 1u8..10) {
            let gtin = format!("{body}{}", check_digit(body.as_bytes()));
            prop_assert!(gtin.parse::<Gtin>().is_ok());
            let mut digits = gtin.into_bytes();
            digits[place] = b'0' + (digits[place] - b'0' + change) % 10;
            prop_assert!(String::from_utf8(digits).unwrap().parse::<Gtin>().is_err());
        }
    }
}
