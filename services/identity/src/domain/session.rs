//! A sign-in session and its rotating refresh tokens (RFC 9700, section 4.14.2).

use std::time::Duration;

use kernel::{AccountId, OrganisationId, SessionId, Time};

use super::{
    Account, Refusal,
    secret::{Key, Secret, TokenHash},
};

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Session {
    pub(crate) id: SessionId,
    pub(crate) account: AccountId,
    /// The organisation that the session acts for.
    pub(crate) organisation: OrganisationId,
    pub(crate) token: TokenHash,
    /// What its tokens prove by that they are its own. One that began before there were keys knows its newest token alone, and gets a key when
    /// that is exchanged.
    pub(crate) key: Option<Key>,
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

/// The token that follows the newest, and the key that proves whose it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Next {
    pub(crate) token: TokenHash,
    pub(crate) key: Key,
}

impl Session {
    /// Exchanges the presented token for its successor.
    ///
    /// # Errors
    /// A session that has ended or expired, and a token that it never had.
    pub(crate) fn refresh(&mut self, presented: Secret, next: Next, now: Time, life: Duration) -> Result<Exchange, Refusal> {
        if self.is_over(now) {
            return Err(Refusal::InvalidRefreshToken);
        }
        let exchange = self.exchange(presented)?;
        match exchange {
            Exchange::Done => {
                (self.token, self.key) = (next.token, Some(next.key));
                self.expires = now.plus(life);
            }
            Exchange::Reused => {}
        }
        Ok(exchange)
    }

    /// Acts for another organisation from now on, at the word of whoever presents the newest token. That token stays, so that a lost answer
    /// costs nobody their session, and the session lives no longer than before. An older token ends it, as it does in [`Session::refresh`].
    ///
    /// # Errors
    /// A session that has ended or expired, and a token that it never had.
    pub(crate) fn switch(&mut self, presented: Secret, organisation: OrganisationId, now: Time) -> Result<Exchange, Refusal> {
        if self.is_over(now) {
            return Err(Refusal::SessionEnded);
        }
        let exchange = self.exchange(presented)?;
        match exchange {
            Exchange::Done => self.organisation = organisation,
            Exchange::Reused => {}
        }
        Ok(exchange)
    }

    /// What the presented token is. One that is not the newest was used before, by its owner or by a thief; nobody can tell which, so the
    /// session ends. Because that is a change to keep, it is not a refusal. A token that the session never had says nothing about those that
    /// it had: the session's id is no secret, so whoever has seen it could end the session with a token of their own making.
    fn exchange(&mut self, presented: Secret) -> Result<Exchange, Refusal> {
        if self.token == presented.hash() {
            Ok(Exchange::Done)
        } else if self.gave_out(presented) {
            self.ended = true;
            Ok(Exchange::Reused)
        } else {
            Err(Refusal::InvalidRefreshToken)
        }
    }

    /// Whether this is the secret of a token that it had at some time, the newest included.
    fn gave_out(&self, presented: Secret) -> bool {
        self.token == presented.hash() || self.key.is_some_and(|key| presented.is_proved_by(key))
    }

    /// Whether the account's password is still the one that the session began with.
    pub(crate) fn is_current(&self, account: &Account) -> bool {
        self.account == account.id && self.passwords == account.passwords
    }

    fn is_over(&self, now: Time) -> bool {
        self.ended || self.expires <= now
    }

    /// Ends the session at the word of whoever has any token of its, the newest or one before, and says whether that is news.
    pub(crate) fn sign_out(&mut self, presented: Secret) -> bool {
        self.gave_out(presented) && !std::mem::replace(&mut self.ended, true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Email;

    const KEY: Key = Key([7; 32]);
    const LIFE: Duration = Duration::from_secs(60);

    /// The secret of the token of this number.
    fn secret(number: u8) -> Secret {
        Secret::new(KEY, [number; 16])
    }

    /// A secret that somebody made up.
    fn made_up() -> Secret {
        Secret([0; 32])
    }

    fn next(number: u8) -> Next {
        Next {
            token: secret(number).hash(),
            key: KEY,
        }
    }

    /// A session with the first token.
    fn session(expires: Time) -> Session {
        Session {
            id: SessionId::at(expires),
            account: AccountId::at(expires),
            organisation: OrganisationId::at(expires),
            token: secret(1).hash(),
            key: Some(KEY),
            expires,
            ended: false,
            passwords: 0,
        }
    }

    #[test]
    fn any_token_that_was_used_before_ends_the_session() {
        let now = Time::default();
        for used in [1, 2] {
            let mut session = session(now.plus(LIFE));
            assert_eq!(session.refresh(secret(1), next(2), now, LIFE), Ok(Exchange::Done));
            assert_eq!(session.refresh(secret(2), next(3), now, LIFE), Ok(Exchange::Done));
            assert_eq!(session.refresh(secret(used), next(4), now, LIFE), Ok(Exchange::Reused));
            assert_eq!(session.refresh(secret(3), next(4), now, LIFE), Err(Refusal::InvalidRefreshToken));
        }
    }

    #[test]
    fn a_token_that_the_session_never_had_ends_and_moves_nothing() {
        let now = Time::default();
        let mut session = session(now.plus(LIFE));
        session.refresh(secret(1), next(2), now, LIFE).unwrap();
        let before = session.clone();
        assert_eq!(session.refresh(made_up(), next(3), now, LIFE), Err(Refusal::InvalidRefreshToken));
        let other = OrganisationId::at(now);
        assert_eq!(session.switch(made_up(), other, now), Err(Refusal::InvalidRefreshToken));
        assert!(!session.sign_out(made_up()));
        assert_eq!(session, before);
    }

    #[test]
    fn a_session_from_before_there_were_keys_goes_on_and_has_one_from_its_next_token_on() {
        let now = Time::default();
        let old = Secret([1; 32]);
        let mut session = Session {
            token: old.hash(),
            key: None,
            ..session(now.plus(LIFE))
        };
        assert!(!session.sign_out(made_up()));
        assert_eq!(session.refresh(secret(1), next(2), now, LIFE), Err(Refusal::InvalidRefreshToken));
        assert_eq!(session.refresh(old, next(2), now, LIFE), Ok(Exchange::Done));
        assert_eq!(session.refresh(secret(2), next(3), now, LIFE), Ok(Exchange::Done));
        assert_eq!(session.refresh(secret(2), next(4), now, LIFE), Ok(Exchange::Reused));
    }

    #[test]
    fn a_session_acts_for_another_as_often_as_its_newest_token_asks_and_lives_no_longer_for_it() {
        let now = Time::default();
        let expires = now.plus(LIFE);
        let mut session = session(expires);
        let (other, token) = (OrganisationId::at(now), session.token);
        for _ in 0..2 {
            assert_eq!(session.switch(secret(1), other, now), Ok(Exchange::Done));
            assert_eq!((session.organisation, session.token, session.expires), (other, token, expires));
        }
        assert_eq!(session.switch(secret(1), other, expires), Err(Refusal::SessionEnded));
        assert_eq!([session.sign_out(secret(1)), session.sign_out(secret(1))], [true, false]);
        assert_eq!(session.switch(secret(1), other, now), Err(Refusal::SessionEnded));
    }

    #[test]
    fn an_older_token_moves_no_session_but_ends_it() {
        let now = Time::default();
        let exchanged = || {
            let mut session = session(now.plus(LIFE));
            session.refresh(secret(1), next(2), now, LIFE).unwrap();
            session
        };
        let (mut moved, mut signed_out) = (exchanged(), exchanged());
        let home = moved.organisation;
        assert_eq!(moved.switch(secret(1), OrganisationId::at(now), now), Ok(Exchange::Reused));
        assert_eq!((moved.organisation, moved.ended), (home, true));
        assert!(signed_out.sign_out(secret(1)));
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
        let mut session = session(now.plus(LIFE));
        assert_eq!(
            session.refresh(secret(1), next(2), now.plus(LIFE), LIFE),
            Err(Refusal::InvalidRefreshToken)
        );
    }
}
