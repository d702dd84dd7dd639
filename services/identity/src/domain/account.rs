//! A person who signs in.

use kernel::{AccountId, OrganisationId, Time};

use super::tries::Tries;

/// An e-mail address, in the form by which it is unique.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Email(String);

impl Email {
    /// Lower-cased, without surrounding white space: words with dots in between before the `@` (RFC 5322's dot-atom, in any script by RFC
    /// 6532), and a host name behind it (RFC 1123), which is in ASCII (RFC 5890's A-labels). The forms that RFC 5321 has besides, quoted
    /// text and numeric hosts, are nobody's address in practice. Whether mail arrives there is for a confirmation mail to find out.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        // Lower case may take more bytes than upper case, and what was stored must be an address again when it is read.
        let text = text.trim().to_lowercase();
        let (local, domain) = text.rsplit_once('@')?;
        let well_formed = local.len() <= 64
            && text.len() <= 254
            && local.split('.').all(|word| !word.is_empty() && word.chars().all(is_of_a_word))
            && domain.contains('.')
            && domain.split('.').all(is_label)
            && !domain.rsplit('.').next().is_some_and(is_number);
        well_formed.then_some(Self(text))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// RFC 5322's `atext` and, by RFC 6532, what is beyond ASCII, without what is not to be seen.
fn is_of_a_word(character: char) -> bool {
    let invisible = matches!(character, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    if character.is_ascii() {
        character.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(character)
    } else {
        !character.is_whitespace() && !character.is_control() && !invisible
    }
}

/// A domain of the highest level never is, so that no address of a host passes for a name.
fn is_number(label: &str) -> bool {
    label.bytes().all(|byte| byte.is_ascii_digit())
}

/// Letters, digits and hyphens, which stand in between.
fn is_label(label: &str) -> bool {
    let plain = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    plain && (1..=63).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-')
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
            "a@b..example",
            ".a@b.example",
            "a.@b.example",
            "a..b@c.example",
            "a@-b.example",
            "a@b-.example",
            "a@b_c.example",
            "a@b.example.",
            "a@192.0.2.1",
            "a@[192.0.2.1]",
            "\"a b\"@c.example",
            "a,b@c.example",
            "a\u{202e}b@c.example",
            "a@bücher.example",
        ] {
            assert_eq!(Email::parse(text), None, "{text}");
        }
        let label = "x".repeat(63);
        let long = |last: usize| Email::parse(&format!("a@{label}.{label}.{label}.{}.example", "x".repeat(last)));
        assert!(long(52).is_some() && long(53).is_none() && long(64).is_none());
    }

    #[test]
    fn an_address_has_many_forms() {
        for text in [
            "o'neil+news@b.example",
            "first.last@sub-domain.b.example",
            "用户@xn--fsqu00a.example",
            "a@3m.co",
            "_@b.example",
        ] {
            assert!(Email::parse(text).is_some(), "{text}");
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
