//! The nouns of identity. Pure.

pub(crate) mod account;
pub(crate) mod membership;
pub(crate) mod organisation;
pub(crate) mod secret;
pub(crate) mod session;
pub(crate) mod tries;

use std::time::Duration;

pub(crate) use self::{
    account::{Account, Email},
    membership::{Membership, Role},
    organisation::Organisation,
    session::Session,
};

/// Why the domain says no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("this e-mail address has an account")]
    EmailTaken,
    #[error("there is no account with this e-mail address")]
    NoSuchAccount,
    #[error("this account is a member already")]
    AlreadyMember,
    #[error("this account is a member of as many organisations as it may")]
    TooManyOrganisations,
    #[error("this organisation has as many members as it may")]
    TooManyMembers,
    #[error("there is no such member")]
    NoSuchMember,
    #[error("an organisation keeps at least one owner")]
    LastOwner,
    #[error("you may not change who the members of this organisation are")]
    MayNotManage,
    #[error("only owners make others owners, or change what owners are")]
    OwnersOnly,
    #[error("a personal organisation has one member")]
    Personal,
    #[error("too many wrong passwords; try again later")]
    TooManyTries(Duration),
    #[error("this refresh token is not valid")]
    InvalidRefreshToken,
    #[error("the session has ended")]
    SessionEnded,
    #[error("this refresh token was used before; the session has ended")]
    RefreshTokenReused,
}
