//! A person who signs in.

use kernel::{AccountId, OrganisationId, Time};

use super::tries::Tries;

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
    /// The wrong passwords since the right one.
    pub(crate) tries: Tries,
    /// How often the password was replaced. A session that began with an earlier one is over.
    pub(crate) passwords: i32,
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
            tries: Tries::default(),
            passwords: 0,
        }
    }

    /// Replaces the password, which ends every session that began with it, those too that begin at this moment.
    pub(crate) fn replace_password(&mut self, hash: String) {
        self.password_hash = hash;
        self.tries = Tries::default();
        self.passwords += 1;
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
}
