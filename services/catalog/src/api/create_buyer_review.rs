//! Reviews the buyer of a completed order.

use ::store::{Cause, Keys};
use kernel::OrderId;
use proto::catalog::v1;
use runtime::{Problem, Violations, auth::principal};
use tonic::{Request, Status};

use super::{Api, rating};
use crate::{
    domain::{
        Refusal,
        buyer_review::{BuyerReview, Verdict},
        rating::{Reputation, Stars},
    },
    store::facts,
    wire,
};

pub(super) async fn handle(api: &Api, request: &Request<v1::CreateBuyerReviewRequest>) -> Result<v1::BuyerReview, Status> {
    let principal = principal(request)?;
    let request = request.get_ref();
    let mut check = Violations::new();
    let order = check.id::<OrderId>("order_id", &request.order_id);
    let text = check.text("text", &request.text, 0..=5_000);
    let stars = Stars::new(request.rating);
    check.require(stars.is_some(), "rating", "must be between 1 and 5");
    let (order, stars) = check.finish((order, stars))?;

    let id = BuyerReview::id_of(order);
    let invitation = api.store.get::<BuyerReview>(id).await?;
    let invitation = invitation.filter(|review| review.seller == principal.organisation);
    let buyer = invitation.ok_or_else(|| Problem::from(Refusal::NotSold))?.buyer;
    let verdict = Verdict {
        stars,
        text,
        at: api.now(),
    };
    let cause = Cause::request(principal.organisation, "CreateBuyerReview", &request.request_id, request);
    let keys = Keys::new().one::<BuyerReview>(id).one::<Reputation>(buyer);
    let written = api.store.execute::<v1::BuyerReview, Refusal, _>(cause, keys, move |work| {
        let review = work.change::<BuyerReview>(id).ok_or(Refusal::NotSold)?;
        let event = review.write(verdict.clone())?;
        let review = review.clone();
        rating::rate(work, buyer, |reputation| reputation.as_buyer.add(verdict.stars));
        let message = wire::review::of_buyer(&review).ok_or(Refusal::Unknown("review"))?;
        work.emit(facts::buyer_review(event, &review, &message));
        Ok(message)
    });
    Ok(written.await?)
}
