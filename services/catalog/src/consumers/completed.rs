//! An order was completed: its buyer may review what was bought, and its seller who bought it.

use ::store::{Keys, Store};
use events::{Event, Failure};
use kernel::{OrderId, OrganisationId, ProductId, VariantId};
use proto::order::v1::{OrderChanged, OrderedLine};

use crate::domain::{
    Refusal,
    buyer_review::BuyerReview,
    review::{Review, Stage},
};

pub(super) async fn handle(store: Store, event: Event) -> Result<(), Failure> {
    let order: OrderChanged = event.decode()?;
    let id: OrderId = order.order_id.parse()?;
    let (buyer, seller) = (
        order.buyer_id.parse::<OrganisationId>()?,
        order.seller_id.parse::<OrganisationId>()?,
    );
    let invite = |line: &OrderedLine| {
        let (product, variant) = (line.product_id.parse::<ProductId>()?, line.variant_id.parse::<VariantId>()?);
        Ok::<_, Failure>(Review {
            id: Review::id_of(id, variant),
            buyer,
            seller,
            order: id,
            product,
            variant,
            stage: Stage::Invited,
        })
    };
    let reviews = order.lines.iter().map(invite).collect::<Result<Vec<_>, _>>()?;
    let of_buyer = BuyerReview {
        id: BuyerReview::id_of(id),
        seller,
        buyer,
        order: id,
        verdict: None,
    };
    let keys = Keys::new()
        .all::<Review>(reviews.iter().map(|review| review.id))
        .one::<BuyerReview>(of_buyer.id);
    let cause = event.cause();
    let invited = store.execute::<(), Refusal, _>(cause, keys, move |work| {
        for review in &reviews {
            // Known already when the order's completion is told again, or when two lines are of one variant.
            if work.get::<Review>(review.id).is_none() {
                work.insert(review.clone());
            }
        }
        if work.get::<BuyerReview>(of_buyer.id).is_none() {
            work.insert(of_buyer.clone());
        }
        Ok(())
    });
    Ok(invited.await?)
}
