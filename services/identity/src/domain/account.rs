//! A person who signs in.

use std::time::Duration;

use kernel::{AccountId, OrganisationId, Time};

use super::Refusal;

/// Wrong passwords in a row that cost nothing.
const FREE_TRIES: u32 = 5;

/// The longest that an account is closed to further tries.
const LONGEST_WAIT: Duration = Duration::from_secs(900);

/// An e-mail address, in the form by which it is unique.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Email(String);

impl Email {
    /// Lower-cased, without surrounding white space. What mail servers would make of it is for a confirmation mail to find out.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        // Lower case may take more bytes than upper case, and what was stored must be an address again when it is read.
        let text = text.trim().to_lowercase();
        let (local, domain) = text.rsplit_once('@')?;
        let plain = |part: &str| {
            part.chars()
                .all(|character| !character.is_whitespace() && !character.is_control() && character != '@')
        };
        let well_formed = (1..=64).contains(&local.len())
            && (3..=255).contains(&domain.len())
            && plain(local)
            && plain(domain)
            && domain.contains('.')
            && !domain.starts_with('.')
            && !domain.ends_with('.');
        well_formed.then_some(Self(text))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Account {
    pub(crate) id: AccountId,
    pub(crate) email: Email,
    /// Argon2id, as a PHC string.
    pub(crate) password_hash: String,
    pub(crate) display_name: String,
    pub(crate) country: String,
    pub(crate) personal_organisation: OrganisationId,
    pub(crate) created: Time,
    pub(crate) failed_sign_ins: u32,
    pub(crate) closed_until: Time,
}

impl Account {
    /// An account that is opened now, and that nobody has signed in to yet.
    pub(crate) fn new(email: Email, password_hash: String, display_name: String, country: String, now: Time) -> Self {
        Self {
            id: AccountId::at(now),
            email,
            password_hash,
            display_name,
            country,
            personal_organisation: OrganisationId::at(now),
            created: now,
            failed_sign_ins: 0,
            closed_until: Time::default(),
        }
    }

    /// Whether anybody may try to sign in; after wrong passwords, nobody may for a while.
    pub(crate) fn must_be_open(&self, now: Time) -> Result<(), Refusal> {
        let wait = self.closed_until.since(now);
        if wait.is_zero() { Ok(()) } else { Err(Refusal::TooManyTries(wait)) }
    }

    /// A wrong password: after some of them each doubles the wait. Of many that were tried at once, those after the one that closed the account do
    /// not count, and are not told that they were wrong.
    pub(crate) fn sign_in_failed(&mut self, now: Time) -> Result<(), Refusal> {
        self.must_be_open(now)?;
        self.failed_sign_ins += 1;
        if self.failed_sign_ins > FREE_TRIES {
            let doublings = (self.failed_sign_ins - FREE_TRIES - 1).min(16);
            self.closed_until = now.plus(Duration::from_secs(1 << doublings).min(LONGEST_WAIT));
        }
        Ok(())
    }

    /// The right password.
    pub(crate) fn signed_in(&mut self) {
        self.failed_sign_ins = 0;
        self.closed_until = Time::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_address_is_the_same_in_any_case() {
        assert_eq!(Email::parse(" Li.Wei@Example.COM "), Email::parse("li.wei@example.com"));
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "li",
            "@example.com",
            "li@",
            "li@example",
            "li wei@example.com",
            "li@.example.com",
            "a@b@example.com",
        ] {
            assert_eq!(Email::parse(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_an_address_is_one_again_when_it_is_read() {
        for local in ["Li".to_owned(), "İ".repeat(21), "İ".repeat(32), "x".repeat(64)] {
            let email = Email::parse(&format!("{local}@x.co"));
            let again = email.as_ref().and_then(|email| Email::parse(email.as_str()));
            assert_eq!(email, again, "{local}");
        }
        assert_eq!(Email::parse(&format!("{}@x.co", "İ".repeat(32))), None);
    }

    #[test]
    fn wrong_passwords_cost_ever_more_time_and_the_right_one_ends_it() {
        let email = Email::parse("li@example.com").unwrap();
        let mut account = Account::new(email, String::new(), "Li".to_owned(), "CN".to_owned(), Time::default());
        let mut now = Time::from_micros(1_000_000);
        let waits: Vec<u64> = (0..20)
            .map(|_| {
                account.sign_in_failed(now).unwrap();
                let wait = account.closed_until.since(now);
                assert_eq!(account.must_be_open(now).is_err(), !wait.is_zero());
                now = now.plus(wait);
                wait.as_secs()
            })
            .collect();
        assert_eq!(waits[..8], [0, 0, 0, 0, 0, 1, 2, 4]);
        assert_eq!(waits[19], 900);
        account.sign_in_failed(now).unwrap();
        assert!(matches!(account.sign_in_failed(now), Err(Refusal::TooManyTries(_))));
        account.signed_in();
        assert_eq!(account.must_be_open(now), Ok(()));
    }
}
