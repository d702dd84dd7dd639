//! The tour: the whole story of Tradewind, walked through over the public API of a running ecosystem. Every request and answer is shown,
//! every claim is checked, and it can be told any number of times: everybody in it is new.

mod abridged;
mod chapters;
mod document;
mod screen;
mod stage;
mod summary;

use anyhow::{Context, Result};

use self::{
    chapters::{buying, cancelling, competing, declining, forgetting, negotiating, opening, rating, settling, shipping},
    stage::Stage,
    summary::Paid,
};
use crate::client::{Carrier, Client, PASSWORD};

/// Tells the story.
///
/// # Errors
/// The first thing that is not as told, with the chapter that it was told in.
pub(crate) async fn run(gateway: Client, carrier: &Carrier) -> Result<()> {
    let stage = Stage::new(gateway, carrier);
    let (resistors, enclosures) = opening::tell(&stage).await.context("chapter 1")?;
    let deal = negotiating::tell(&stage, &resistors).await.context("chapter 2")?;
    let (rafael, shops) = (&deal.buyer, [&resistors, &enclosures]);
    let purchase = buying::tell(&stage, &deal, shops).await.context("chapter 3")?;
    shipping::tell(&stage, rafael, &purchase, shops).await.context("chapter 4")?;
    settling::tell(&stage, rafael, &purchase, shops).await.context("chapter 5")?;
    rating::tell(&stage, rafael, &purchase, shops).await.context("chapter 6")?;
    let ten = declining::tell(&stage, rafael, &enclosures).await.context("chapter 7")?;
    cancelling::tell(&stage, rafael, &ten, &enclosures).await.context("chapter 8")?;
    forgetting::tell(&stage, rafael, &enclosures).await.context("chapter 9")?;
    let (first, last_pieces) = competing::tell(&stage, rafael, &resistors).await.context("chapter 10")?;

    let paid = |what, buyer, order| Paid { what, buyer, order };
    let orders = [
        paid("resistors at a quotation", rafael, &purchase.resistors),
        paid("enclosures", rafael, &purchase.enclosures),
        paid("ten more, cancelled", rafael, &ten),
        paid("the last resistors", &first, &last_pieces),
    ];
    summary::tell(&orders, shops, rafael, &purchase).await.context("the money")?;
    screen::happens("All as told. Whoever wants to look around signs in as one of them:");
    screen::line(format!(
        "{} or {}, with the password: {PASSWORD}",
        stage.email("Rafael Lima"),
        stage.email("Mei Lin")
    ));
    Ok(())
}
