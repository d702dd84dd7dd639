//! The seller answers a review.

use ::store::{Cause, Keys};
use kernel::ReviewId;
use proto::catalog::v1;
use runtime::{Violations, auth::principal};
use tonic::{Request, Status};

use super::Api;
use crate::{
    domain::{
        Refusal,
        review::{Reply, Review},
    },
    store::facts,
    wire,
};

pub(super) async fn handle(api: &Api, request: &Request<v1::ReplyToReviewRequest>) -> Result<v1::Review, Status> {
    let principal = principal(request)?;
    let request = request.get_ref();
    let mut check = Violations::new();
    let id = check.id::<ReviewId>("review_id", &request.review_id);
    let text = check.text("text", &request.text, 1..=5_000);
    let id = check.finish(id)?;

    let (seller, at) = (principal.organisation, api.now());
    let reply = Reply { text, at };
    let cause = Cause::request(seller, "ReplyToReview", &request.request_id, request);
    let answered = api
        .store
        .execute::<v1::Review, Refusal, _>(cause, Keys::new().one::<Review>(id), move |work| {
            let review = work.change::<Review>(id).ok_or(Refusal::Unknown("review"))?;
            if review.seller != seller {
                // A written review is public, an invitation is nobody else's business.
                let hidden = review.opinion().is_none();
                return Err(if hidden {
                    Refusal::Unknown("review")
                } else {
                    Refusal::Foreign("review")
                });
            }
            let event = review.answer(reply.clone())?;
            let review = review.clone();
            let message = wire::review::to_proto(&review).ok_or(Refusal::Unknown("review"))?;
            work.emit(facts::review(event, &review, &message));
            Ok(message)
        });
    Ok(answered.await?)
}
