//! What a refusal is called outside.

use runtime::Problem;

use crate::domain::Refusal;

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let text = refusal.to_string();
        match refusal {
            Refusal::EmailTaken => Self::already_exists("EMAIL_TAKEN", text).violating("email", "has an account already"),
            Refusal::NoSuchAccount => Self::failed_precondition("NO_SUCH_ACCOUNT", text).violating("email", "has no account"),
            Refusal::AlreadyMember => Self::already_exists("ALREADY_MEMBER", text),
            Refusal::TooManyOrganisations => Self::failed_precondition("TOO_MANY_ORGANISATIONS", text),
            Refusal::TooManyMembers => Self::failed_precondition("TOO_MANY_MEMBERS", text),
            Refusal::NoSuchMember => Self::not_found("member"),
            Refusal::LastOwner => Self::failed_precondition("LAST_OWNER", text),
            Refusal::MayNotManage | Refusal::OwnersOnly => Self::permission_denied(text),
            Refusal::TooManyTries(wait) => Self::exhausted("TOO_MANY_TRIES", text, wait),
            Refusal::Personal => Self::failed_precondition("PERSONAL_ORGANISATION", text),
            Refusal::InvalidRefreshToken | Refusal::SessionEnded | Refusal::RefreshTokenReused => Self::unauthenticated(text),
        }
    }
}
