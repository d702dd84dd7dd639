//! Ends a session, whichever of its refresh tokens is presented: one that was exchanged already may be a thief's or, because an answer was lost, all
//! that its owner has, and ends it as using it would. What is no token ends nothing, and the answer is the same.

use proto::identity::v1::SignOutRequest;
use store::{Cause, Error};
use tonic::Status;
use uuid::Uuid;

use super::{Api, tokens::RefreshToken};
use crate::domain::{Refusal, Session};

pub(super) async fn handle(api: &Api, request: SignOutRequest) -> Result<(), Status> {
    let Ok(token) = RefreshToken::parse(&request.refresh_token) else {
        return Ok(());
    };
    let cause = Cause::step("sign_out", Uuid::new_v4());
    let end = |session: &mut Session| Ok::<_, Refusal>(session.sign_out());
    match api.store.update(cause, token.session, end).await {
        Ok(_) | Err(Error::NotFound(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
