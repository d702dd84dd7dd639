//! A sign-in session and its rotating refresh tokens (RFC 9700, section 4.14.2).

use std::time::Duration;

use kernel::{AccountId, OrganisationId, SessionId, Time};

use super::Refusal;

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
}

/// What became of a refresh token that was presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exchange {
    /// Its successor is the session's token now.
    Done,
    /// It was used before, so the session has ended.
    Reused,
}

impl Session {
    /// Exchanges the presented token for its successor. A token that is not the newest was used before, by its owner or by a thief; nobody can tell
    /// which, so the session ends. Because that is a change to keep, it is not a refusal.
    ///
    /// # Errors
    /// A session that has ended or expired.
    pub(crate) fn refresh(&mut self, presented: TokenHash, next: TokenHash, now: Time, life: Duration) -> Result<Exchange, Refusal> {
        if self.ended || self.expires <= now {
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

    /// Ends the session.
    pub(crate) fn sign_out(&mut self) {
        self.ended = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_that_was_used_before_ends_the_session() {
        let now = Time::default();
        let life = Duration::from_secs(60);
        let mut session = Session {
            id: SessionId::at(now),
            account: AccountId::at(now),
            organisation: OrganisationId::at(now),
            token: [1; 32],
            expires: now.plus(life),
            ended: false,
        };
        assert_eq!(session.refresh([1; 32], [2; 32], now, life), Ok(Exchange::Done));
        assert_eq!(session.refresh([1; 32], [3; 32], now, life), Ok(Exchange::Reused));
        assert_eq!(session.refresh([2; 32], [4; 32], now, life), Err(Refusal::InvalidRefreshToken));
    }

    #[test]
    fn an_idle_session_expires() {
        let now = Time::default();
        let life = Duration::from_secs(60);
        let (account, organisation) = (AccountId::at(now), OrganisationId::at(now));
        let mut session = Session {
            id: SessionId::at(now),
            account,
            organisation,
            token: [1; 32],
            expires: now.plus(life),
            ended: false,
        };
        assert_eq!(
            session.refresh([1; 32], [2; 32], now.plus(life), life),
            Err(Refusal::InvalidRefreshToken)
        );
    }
}
