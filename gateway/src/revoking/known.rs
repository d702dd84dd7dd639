//! What is known to be revoked, and until when it matters.

use std::collections::HashMap;

use events::{Event, Failure};
use kernel::{AccountId, OrganisationId, SessionId, Time};
use proto::identity::v1::{MemberChanged, PasswordReplaced, SessionEnded};
use runtime::auth::Principal;

/// Each with the time at which the last token has expired that it concerns.
#[derive(Default)]
pub(super) struct Known {
    sessions: HashMap<SessionId, Time>,
    /// The password that an account has now.
    passwords: HashMap<AccountId, (i32, Time)>,
    /// The version of a membership from which on it is as it is now.
    memberships: HashMap<(OrganisationId, AccountId), (i64, Time)>,
}

impl Known {
    /// Whether a token of this principal is revoked.
    pub(super) fn has(&self, principal: &Principal) -> bool {
        let membership = (principal.organisation, principal.account);
        principal.session.is_some_and(|session| self.sessions.contains_key(&session))
            || older(principal.passwords, self.passwords.get(&principal.account))
            || older(principal.membership, self.memberships.get(&membership))
    }

    /// Takes in what identity told, in whatever order and however often.
    ///
    /// # Errors
    /// An event that cannot be read.
    pub(super) fn hear(&mut self, event: &Event, until: Time) -> Result<(), Failure> {
        match event.subject.as_str() {
            "identity.v1.session_ended" => {
                let ended: SessionEnded = event.decode()?;
                self.sessions.insert(ended.session_id.parse()?, until);
            }
            "identity.v1.password_replaced" => {
                let replaced: PasswordReplaced = event.decode()?;
                raise(
                    self.passwords.entry(replaced.account_id.parse()?).or_default(),
                    replaced.passwords,
                    until,
                );
            }
            "identity.v1.member_removed" | "identity.v1.member_role_changed" => {
                let changed: MemberChanged = event.decode()?;
                let membership = (changed.organisation_id.parse()?, changed.account_id.parse()?);
                raise(self.memberships.entry(membership).or_default(), event.version, until);
            }
            _ => {}
        }
        Ok(())
    }

    pub(super) fn forget(&mut self, now: Time) {
        self.sessions.retain(|_, until| now < *until);
        self.passwords.retain(|_, (_, until)| now < *until);
        self.memberships.retain(|_, (_, until)| now < *until);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.sessions.is_empty() && self.passwords.is_empty() && self.memberships.is_empty()
    }
}

fn older<V: Ord>(version: V, known: Option<&(V, Time)>) -> bool {
    known.is_some_and(|(least, _)| version < *least)
}

/// An older event that comes late, or again, takes nothing back.
fn raise<V: Ord>(known: &mut (V, Time), version: V, until: Time) {
    if known.0 <= version {
        *known = (version, until);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Time {
        Time::from_micros(second * 1_000_000)
    }

    fn principal() -> Principal {
        Principal {
            account: AccountId::at(at(1)),
            organisation: OrganisationId::at(at(1)),
            session: Some(SessionId::at(at(1))),
            membership: 3,
            passwords: 1,
            until: at(900),
            roles: Vec::new(),
            scopes: Vec::new(),
        }
    }

    #[test]
    fn an_event_that_comes_late_takes_nothing_back() {
        let (mut known, someone) = (Known::default(), principal());
        let membership = (someone.organisation, someone.account);
        for (version, revoked) in [(3, false), (4, true), (2, true), (4, true)] {
            raise(known.memberships.entry(membership).or_default(), version, at(900));
            assert_eq!(known.has(&someone), revoked, "{version}");
        }
        assert!(!known.has(&Principal { membership: 4, ..someone }));
    }

    #[test]
    fn what_concerns_no_token_that_lives_takes_no_room() {
        let (mut known, someone) = (Known::default(), principal());
        known.sessions.extend(someone.session.map(|session| (session, at(900))));
        known.passwords.insert(someone.account, (2, at(901)));
        known.memberships.insert((someone.organisation, someone.account), (4, at(902)));
        for (second, revoked) in [(899, true), (900, true), (901, true), (902, false)] {
            known.forget(at(second));
            assert_eq!((known.has(&someone), known.is_empty()), (revoked, !revoked), "{second}");
        }
    }
}
