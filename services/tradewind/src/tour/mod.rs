//! The tour: the whole story of Tradewind, walked through over the public API of a running ecosystem. Every request and answer is shown, every claim is
//! checked, and it can be told any number of times: everybody in it is new.

mod abridged;
mod chapters;
mod screen;
mod stage;
mod summary;

use anyhow::{Context, Result};

use self::{
    chapters::{buying, cancelling, competing, declining, forgetting, negotiating, opening, rating, settling, shipping},
    stage::Stage,
    summary::Placed,
};
use crate::client::{Carrier, Client};

/// Tells the story.
///
/// # Errors
/// The first thing that is not as told.
pub(crate) async fn run(gateway: Client, carrier: &Carrier) -> Result<()> {
    let stage = Stage::new(gateway, carrier);
    let (resistors, enclosures) = opening::tell(&stage).await.context("chapter 1")?;
    let deal = negotiating::tell(&stage, &resistors).await.context("chapter 2")?;
    let rafael = &deal.buyer;
    let purchase = buying::tell(&stage, &deal, &resistors, &enclosures).await.context("chapter 3")?;
    shipping::tell(&stage, rafael, &purchase, &resistors, &enclosures)
        .await
        .context("chapter 4")?;
    settling::tell(&stage, rafael, &purchase, &resistors, &enclosures)
        .await
        .context("chapter 5")?;
    rating::tell(&stage, rafael, &purchase, &resistors, &enclosures)
        .await
        .context("chapter 6")?;
    let ten = declining::tell(&stage, rafael, &enclosures).await.context("chapter 7")?;
    cancelling::tell(&stage, rafael, &ten, &enclosures).await.context("chapter 8")?;
    forgetting::tell(&stage, rafael, &enclosures).await.context("chapter 9")?;
    let (first, last_pieces) = competing::tell(&stage, rafael, &resistors).await.context("chapter 10")?;

    let placed = |what, buyer, order| Placed { what, buyer, order };
    summary::tell(&[
        placed("resistors, quoted", rafael, &purchase.resistors),
        placed("enclosures", rafael, &purchase.enclosures),
        placed("ten enclosures, cancelled", rafael, &ten),
        placed("the last resistors", &first, &last_pieces),
    ])
    .await
    .context("summary")
}
