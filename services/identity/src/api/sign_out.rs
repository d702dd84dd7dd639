//! Ends a session. A token that proves nothing ends nothing, and the answer is the same.

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
    let presented = token.hash();
    let cause = Cause::step("sign_out", Uuid::new_v4());
    let ended = api.store.update(cause, token.session, move |session: &mut Session| {
        if session.token == presented {
            session.sign_out();
        }
        Ok::<_, Refusal>(())
    });
    match ended.await {
        Ok(_) | Err(Error::NotFound) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
