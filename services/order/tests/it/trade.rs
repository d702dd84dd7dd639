//! A buyer, a seller and goods of the seller's, before anything happened between them.

use kernel::{OrganisationId, VariantId};
use order::Config;

use crate::{
    instance::{Client, Instance},
    world::{World, organisation, quick},
};

pub(crate) struct Trade {
    pub(crate) world: World,
    pub(crate) instance: Instance,
    pub(crate) buyer: OrganisationId,
    pub(crate) seller: OrganisationId,
    pub(crate) variant: VariantId,
}

impl Trade {
    /// In goods at this price, of which there are so many.
    pub(crate) async fn with(world: World, price: i64, stock: i64) -> Self {
        Self::under(quick(), world, price, stock).await
    }

    /// The same with other settings.
    pub(crate) async fn under(config: Config, world: World, price: i64, stock: i64) -> Self {
        let instance = world.instance(config).await;
        let (buyer, seller) = (organisation(), organisation());
        let variant = world.goods(seller, price, stock);
        Self {
            world,
            instance,
            buyer,
            seller,
            variant,
        }
    }

    pub(crate) fn buyer(&self) -> Client {
        self.instance.client(self.buyer)
    }

    pub(crate) fn seller(&self) -> Client {
        self.instance.client(self.seller)
    }
}
