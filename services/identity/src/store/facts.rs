//! What happened to accounts, sessions, organisations and their members, as facts on the bus. They carry ids only.

use kernel::AccountId;
use proto::identity::v1::{AccountRegistered, MemberChanged, OrganisationCreated, PasswordReplaced, SessionEnded};
use store::Fact;

use crate::domain::{Account, Membership, Organisation, Session};

/// Somebody has an account and a personal organisation.
pub(crate) fn account_registered(account: &Account) -> Fact {
    let personal = account.personal_organisation;
    let body = AccountRegistered {
        account_id: account.id.to_string(),
        personal_organisation_id: personal.to_string(),
    };
    Fact::new("identity.v1.account_registered", account.id, [personal], &body)
}

/// An account has another password, and its sessions have ended.
pub(crate) fn password_replaced(account: &Account) -> Fact {
    let body = PasswordReplaced {
        account_id: account.id.to_string(),
        passwords: account.passwords,
    };
    Fact::new("identity.v1.password_replaced", account.id, [account.personal_organisation], &body)
}

/// A session has ended.
pub(crate) fn session_ended(session: &Session) -> Fact {
    let body = SessionEnded {
        session_id: session.id.to_string(),
        account_id: session.account.to_string(),
    };
    Fact::new("identity.v1.session_ended", session.id, [session.organisation], &body)
}

/// Somebody has opened an organisation.
pub(crate) fn organisation_created(organisation: &Organisation, founder: AccountId) -> Fact {
    let body = OrganisationCreated {
        organisation_id: organisation.id.to_string(),
        account_id: founder.to_string(),
    };
    Fact::new("identity.v1.organisation_created", organisation.id, [organisation.id], &body)
}

/// Somebody belongs to an organisation.
pub(crate) fn member_added(member: &Membership) -> Fact {
    member_changed("identity.v1.member_added", member)
}

/// A member has another role.
pub(crate) fn member_role_changed(member: &Membership) -> Fact {
    member_changed("identity.v1.member_role_changed", member)
}

/// Somebody does not belong to an organisation any more.
pub(crate) fn member_removed(member: &Membership) -> Fact {
    member_changed("identity.v1.member_removed", member)
}

fn member_changed(subject: &'static str, member: &Membership) -> Fact {
    let body = MemberChanged {
        organisation_id: member.organisation.to_string(),
        account_id: member.account.to_string(),
    };
    Fact::new(subject, member.id, [member.organisation], &body)
}
