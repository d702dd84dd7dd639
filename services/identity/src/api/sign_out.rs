//! Ends a session, whichever of its refresh tokens is presented: one that was exchanged already may be a thief's or, because an answer was
//! lost, all that its owner has, and ends it as using it would. What is no token, or was never one of this session's, ends nothing, and the
//! answer is the same.

use proto::identity::v1::SignOutRequest;
use store::{Cause, Keys};
use tonic::Status;

use super::{Api, tokens::RefreshToken};
use crate::{
    domain::{Refusal, Session},
    store::facts,
};

pub(super) async fn handle(api: &Api, request: SignOutRequest) -> Result<(), Status> {
    let Ok(token) = RefreshToken::parse(&request.refresh_token) else {
        return Ok(());
    };
    let (id, secret) = (token.session, token.secret);
    let ended = api
        .store
        .execute::<(), Refusal, _>(Cause::told_by_rows(), Keys::new().one::<Session>(id), move |work| {
            if let Some(session) = work.change::<Session>(id)
                && session.sign_out(secret)
            {
                let ended = facts::session_ended(session);
                work.emit(ended);
            }
            Ok(())
        });
    Ok(ended.await?)
}
