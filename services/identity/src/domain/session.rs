//! A sign-in session and its rotating refresh tokens (RFC 9700, section 4.14.2).

use std::time::Duration;

use kernel::{AccountId, OrganisationId, SessionId, Time};

use super::{Account, Refusal};

/// The SHA-256 of a refresh token's secret: the secret itself is never stored.
pub(crate) type TokenHash = [u8; 32];

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Session {
    pub(crate) id: SessionId,
    pub(crate) account: AccountId,
    /// The organisation that the session acts for.
    pub(crate) organisation: OrganisationId,
    pub(crate) token: TokenHash,
    pub(crate) expires: Time,
    pub(crate) ended: bool,
    /// The account's password that it began with, as [`Account::passwords`] counts them.
    pub(crate) passwords: i32,
}

/// What became of a refresh token that was presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exchange {
    /// It was the newest, and what it was presented for is done.
    Done,
    /// It was used before, so the session has ended.
    Reused,
}

impl Session {
    /// Exchanges the presented token for its successor. A token that is not the newest was used before, by its owner or by a thief; nobody
    /// can tell which, so the session ends. Because that is a change to keep, it is not a refusal.
    ///
    /// # Errors
    /// A session that has ended or expired.
    pub(crate) fn refresh(&mut self, presented: TokenHash, next: TokenHash, now: Time, life: Duration) -> Result<Exchange, Refusal> {
        if self.is_over(now) {
            return Err(Refusal::InvalidRefreshToken);
        }
        if self.token != presented {
            self.ended = true;
            return Ok(Exchange::Reused);
        }
        self.token = next;
        self.expires = now.plus(life);
        Ok(Exchange::Done)
    }

    /// Acts for another organisation from now on, at the word of whoever presents the newest token. That token stays, so that a lost answer
    /// costs nobody their session, and the session lives no longer than before. An older token ends it, as [`Session::refresh`] says.
    ///
    /// # Errors
    /// A session that has ended or expired.
    pub(crate) fn switch(&mut self, presented: TokenHash, organisation: OrganisationId, now: Time) -> Result<Exchange, Refusal> {
        if self.is_over(now) {
            return Err(Refusal::SessionEnded);
        }
        if self.token != presented {
            self.ended = true;
            return Ok(Exchange::Reused);
        }
        self.organisation = organisation;
        Ok(Exchange::Done)
    }

    /// Whether the account's password is still the one that the session began with.
    pub(crate) fn is_current(&self, account: &Account) -> bool {
        self.account == account.id && self.passwords == account.passwords
    }

    fn is_over(&self, now: Time) -> bool {
        self.ended || self.expires <= now
    }

    /// Ends the session, and says whether that is news.
    pub(crate) fn sign_out(&mut self) -> bool {
        !std::mem::replace(&mut self.ended, true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Email;

    fn session(expires: Time) -> Session {
        Session {
            id: SessionId::at(expires),
            account: AccountId::at(expires),
            organisation: OrganisationId::at(expires),
            token: [1; 32],
            expires,
            ended: false,
            passwords: 0,
        }
    }

    #[test]
    fn a_token_that_was_used_before_ends_the_session() {
        let now = Time::default();
        let life = Duration::from_secs(60);
        let mut session = session(now.plus(life));
        assert_eq!(session.refresh([1; 32], [2; 32], now, life), Ok(Exchange::Done));
        assert_eq!(session.refresh([1; 32], [3; 32], now, life), Ok(Exchange::Reused));
        assert_eq!(session.refresh([2; 32], [4; 32], now, life), Err(Refusal::InvalidRefreshToken));
    }

    #[test]
    fn a_session_acts_for_another_as_often_as_its_newest_token_asks_and_lives_no_longer_for_it() {
        let now = Time::default();
        let expires = now.plus(Duration::from_secs(60));
        let mut session = session(expires);
        let other = OrganisationId::at(now);
        for _ in 0..2 {
            assert_eq!(session.switch([1; 32], other, now), Ok(Exchange::Done));
            assert_eq!((session.organisation, session.token, session.expires), (other, [1; 32], expires));
        }
        assert_eq!(session.switch([1; 32], other, expires), Err(Refusal::SessionEnded));
        assert_eq!([session.sign_out(), session.sign_out()], [true, false]);
        assert_eq!(session.switch([1; 32], other, now), Err(Refusal::SessionEnded));
    }

    #[test]
    fn an_older_token_moves_no_session_but_ends_it() {
        let now = Time::default();
        let life = Duration::from_secs(60);
        let mut session = session(now.plus(life));
        let home = session.organisation;
        session.refresh([1; 32], [2; 32], now, life).unwrap();
        assert_eq!(session.switch([1; 32], OrganisationId::at(now), now), Ok(Exchange::Reused));
        assert_eq!((session.organisation, session.ended), (home, true));
    }

    #[test]
    fn a_session_belongs_to_one_account_and_one_of_its_passwords() {
        let now = Time::default();
        let email = Email::parse("li@example.com").unwrap();
        let mut account = Account::new(email.clone(), "first".to_owned(), String::new(), String::new(), now);
        let session = Session {
            account: account.id,
            ..session(now)
        };
        assert!(session.is_current(&account));
        assert!(!session.is_current(&Account::new(email, String::new(), String::new(), String::new(), now)));
        account.replace_password("second".to_owned());
        assert!(!session.is_current(&account));
    }

    #[test]
    fn an_idle_session_expires() {
        let now = Time::default();
        let life = Duration::from_secs(60);
        let mut session = session(now.plus(life));
        assert_eq!(
            session.refresh([1; 32], [2; 32], now.plus(life), life),
            Err(Refusal::InvalidRefreshToken)
        );
    }
}
