//! Reviews and ratings.

use proto::catalog::v1;
use runtime::timestamp;

use crate::domain::{buyer_review::BuyerReview, rating::Rating, review::Review};

/// The review as everyone sees it; an invitation is nothing to be seen.
pub(crate) fn to_proto(review: &Review) -> Option<v1::Review> {
    let opinion = review.opinion()?;
    let reply = review.reply();
    Some(v1::Review {
        id: review.id.to_string(),
        product_id: review.product.to_string(),
        variant_id: review.variant.to_string(),
        seller_id: review.seller.to_string(),
        product_rating: opinion.product.get(),
        seller_rating: opinion.seller.get(),
        text: opinion.text.clone(),
        create_time: Some(timestamp(opinion.at)),
        reply: reply.map_or_else(String::new, |reply| reply.text.clone()),
        reply_time: reply.map(|reply| timestamp(reply.at)),
    })
}

/// The review of a buyer, as [`to_proto`].
pub(crate) fn of_buyer(review: &BuyerReview) -> Option<v1::BuyerReview> {
    let verdict = review.verdict.as_ref()?;
    Some(v1::BuyerReview {
        id: review.id.to_string(),
        buyer_id: review.buyer.to_string(),
        rating: verdict.stars.get(),
        text: verdict.text.clone(),
        create_time: Some(timestamp(verdict.at)),
    })
}

/// A rating; nothing when nobody has an opinion.
pub(crate) fn rating(rating: Rating) -> Option<v1::Rating> {
    let average = rating.average()?;
    let count = rating.count;
    Some(v1::Rating { average, count })
}
