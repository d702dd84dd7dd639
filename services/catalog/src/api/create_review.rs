//! Reviews a line of a completed order.

use ::store::{Cause, Keys};
use kernel::{OrderId, VariantId};
use proto::catalog::v1;
use runtime::{Problem, Violations, auth::principal};
use tonic::{Request, Status};

use super::{Api, rating, writing};
use crate::{
    domain::{
        Event, Product, Refusal,
        rating::{Reputation, Stars},
        review::{Opinion, Review},
    },
    store::facts,
    wire,
};

pub(super) async fn handle(api: &Api, request: &Request<v1::CreateReviewRequest>) -> Result<v1::Review, Status> {
    let principal = principal(request)?;
    let request = request.get_ref();
    let mut check = Violations::new();
    let order = check.id::<OrderId>("order_id", &request.order_id);
    let variant = check.id::<VariantId>("variant_id", &request.variant_id);
    let text = check.text("text", &request.text, 0..=5_000);
    let (product, seller) = (Stars::new(request.product_rating), Stars::new(request.seller_rating));
    check.require(product.is_some(), "product_rating", "must be between 1 and 5");
    check.require(seller.is_some(), "seller_rating", "must be between 1 and 5");
    let (order, variant, product, seller) = check.finish((order, variant, product, seller))?;

    let id = Review::id_of(order, variant);
    let invitation = api.store.get::<Review>(id).await?;
    let invitation = invitation.filter(|review| review.buyer == principal.organisation);
    let invitation = invitation.ok_or_else(|| Problem::from(Refusal::NotBought))?;
    let (reviewed, sold_by) = (invitation.product, invitation.seller);
    let at = api.now();
    let opinion = Opinion { product, seller, text, at };
    let cause = Cause::request(principal.organisation, "CreateReview", &request.request_id, request);
    let keys = Keys::new().one::<Review>(id).one::<Product>(reviewed).one::<Reputation>(sold_by);
    let written = api.store.execute::<v1::Review, Refusal, _>(cause, keys, move |work| {
        let review = work.change::<Review>(id).ok_or(Refusal::NotBought)?;
        let event = review.write(opinion.clone())?;
        let review = review.clone();
        rating::rate(work, sold_by, |reputation| reputation.as_seller.add(opinion.seller));
        let product = work.change::<Product>(reviewed).ok_or(Refusal::Unknown("product"))?;
        product.rating.add(opinion.product);
        writing::tell(work, Some(Event::ProductRated), reviewed)?;
        let message = wire::review::to_proto(&review).ok_or(Refusal::Unknown("review"))?;
        work.emit(facts::review(event, &review, &message));
        Ok(message)
    });
    let written = written.await?;
    // Its version is known to the transaction only. The review is written, so who cannot be told of it now hears of it from our own event.
    if let Ok(Some(product)) = api.store.get::<Product>(reviewed).await {
        api.cache.product_changed(reviewed, product.version());
    }
    Ok(written)
}
