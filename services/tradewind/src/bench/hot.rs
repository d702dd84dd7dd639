//! Sixty-four buyers after the last ten pieces.

use std::{sync::Arc, time::Duration};

use anyhow::{Result, ensure};
use futures::future::try_join_all;
use tokio::sync::Barrier;

use super::{
    checkouts::{buy, lines},
    market::Market,
    stack::Stack,
    wire::Wire,
};

/// Whole checkouts, each from its first request on.
pub(crate) async fn full(stack: &Stack, market: &Market) -> Result<usize> {
    let variant = market.rare("hot-full", 10).await?;
    sold(stack, market, "full", &lines(&variant), None).await
}

/// Baskets that were filled before, all checked out at the same moment.
pub(crate) async fn last(stack: &Stack, market: &Market) -> Result<usize> {
    let variant = market.rare("hot-last", 10).await?;
    sold(stack, market, "last", "", Some(&variant)).await
}

/// How many buyers got a piece that is paid. The others were told that none is left; anything else is an error.
async fn sold(stack: &Stack, market: &Market, name: &str, lines: &str, basket: Option<&str>) -> Result<usize> {
    let together = Arc::new(Barrier::new(market.buyers.len()));
    let buying = market.buyers.iter().enumerate().map(|(number, buyer)| {
        let together = Arc::clone(&together);
        async move {
            let mut wire = Wire::connect(stack.port, &buyer.token).await?;
            if let Some(variant) = basket {
                let filled = wire
                    .write(
                        "PUT",
                        &format!("/v1/cart/lines/{variant}"),
                        &format!("{name}-cart-{number}"),
                        "{\"quantity\":\"1\"}",
                    )
                    .await?;
                ensure!(filled.status == 200, "{} {}", filled.status, filled.body);
            }
            together.wait().await;
            match buy(&mut wire, &format!("{name}-{number}"), lines, Duration::ZERO).await {
                Ok(_) => Ok(true),
                Err(error) if error.to_string().contains("OUT_OF_STOCK") => Ok(false),
                Err(error) => Err(error),
            }
        }
    });
    Ok(try_join_all(buying).await?.into_iter().filter(|bought| *bought).count())
}
