//! Catalog: listings with a price, a minimum and a tax.

use std::{collections::HashMap, sync::Mutex};

use kernel::{Money, OrganisationId, ProductId, StoreId, Time, VariantId};
use proto::catalog::v1::{
    LineRefusal, LineToPrice, PriceLinesRequest, PriceLinesResponse, PricedLine, pricing_service_server::PricingService,
};
use tonic::{Request, Response, Status};

use super::faults::Faults;

#[derive(Clone)]
pub(crate) struct Listing {
    pub(crate) seller: OrganisationId,
    pub(crate) price: Money,
    pub(crate) unit_quantity: u64,
    pub(crate) least: i64,
    pub(crate) tax_basis_points: i32,
    pub(crate) product: ProductId,
    pub(crate) store: StoreId,
    pub(crate) archived: bool,
}

impl Listing {
    pub(crate) fn new(seller: OrganisationId, price: i64) -> Self {
        Self {
            seller,
            price: Money::new(price, "USD".parse().unwrap()),
            unit_quantity: 1,
            least: 1,
            tax_basis_points: 1_900,
            product: ProductId::at(Time::from_micros(0)),
            store: StoreId::at(Time::from_micros(0)),
            archived: false,
        }
    }
}

#[derive(Default)]
pub(crate) struct Catalog {
    pub(crate) faults: Faults,
    listings: Mutex<HashMap<String, Listing>>,
}

impl Catalog {
    pub(crate) fn list(&self, listing: Listing) -> VariantId {
        let variant = VariantId::at(Time::from_micros(1));
        self.listings.lock().unwrap().insert(variant.to_string(), listing);
        variant
    }

    pub(crate) fn archive(&self, variant: VariantId) {
        self.listings.lock().unwrap().get_mut(&variant.to_string()).unwrap().archived = true;
    }

    fn price(&self, line: &LineToPrice) -> PricedLine {
        let priced = PricedLine {
            variant_id: line.variant_id.clone(),
            quantity: line.quantity,
            ..PricedLine::default()
        };
        let Some(listing) = self.listings.lock().unwrap().get(&line.variant_id).cloned() else {
            return PricedLine {
                refusal: Some(LineRefusal::UnknownVariant.into()),
                refusal_detail: "is not for sale".to_owned(),
                ..priced
            };
        };
        let priced = PricedLine {
            product_id: listing.product.to_string(),
            store_id: listing.store.to_string(),
            seller_id: listing.seller.to_string(),
            title: "Resistor".to_owned(),
            ..priced
        };
        if listing.archived {
            return PricedLine {
                refusal: Some(LineRefusal::ProductNotPublished.into()),
                refusal_detail: "the product is not on the market".to_owned(),
                ..priced
            };
        }
        if !line.quoted && line.quantity < listing.least {
            return PricedLine {
                refusal: Some(LineRefusal::QuantityBelowMinimum.into()),
                refusal_detail: format!("must be at least {}", listing.least),
                ..priced
            };
        }
        let net = listing
            .price
            .for_quantity(line.quantity.unsigned_abs(), listing.unit_quantity)
            .unwrap();
        PricedLine {
            sku: "R-1".to_owned(),
            price: (!line.quoted).then(|| runtime::money(listing.price)),
            unit_quantity: if line.quoted { 0 } else { listing.unit_quantity as i64 },
            net: (!line.quoted).then(|| runtime::money(net)),
            tax_basis_points: listing.tax_basis_points,
            weight_mg: 1_000,
            ..priced
        }
    }
}

#[tonic::async_trait]
impl PricingService for Catalog {
    async fn price_lines(&self, request: Request<PriceLinesRequest>) -> Result<Response<PriceLinesResponse>, Status> {
        let lines = request.into_inner().lines;
        let price = async { Ok(lines.iter().map(|line| self.price(line)).collect()) };
        let lines = self.faults.meet("PriceLines", price).await?;
        Ok(Response::new(PriceLinesResponse { lines }))
    }
}
